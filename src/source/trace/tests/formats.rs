//! Files as tools write them, however they are packed: each request where it belongs.

use super::*;
use flate2::Compression;
use flate2::write::GzEncoder;
use std::path::Path;

/// A file, what is known of it, the format that it is, and when its requests arrive, in milliseconds after the first; of
/// bins, how many requests each has.
struct Case {
    name: &'static str,
    text: &'static str,
    known: fn(Wanted) -> Wanted,
    format: &'static str,
    arrivals: &'static [i64],
    bins: &'static [u64],
}

fn nothing(wanted: Wanted) -> Wanted {
    wanted
}

fn rate(wanted: Wanted) -> Wanted {
    Wanted { value: Some(Value::Rate), ..wanted }
}

const CASES: &[Case] = &[
    Case {
        name: "a load balancer's, out of order, without a target, of 2016, with an address in brackets and new fields",
        text: concat!(
            "http 2026-01-31T10:00:02.500000Z app/lb/50dc 192.0.2.7:2817 10.0.0.1:80 0.000 0.120 0.000 200 200 34 366 ",
            "\"GET http://x.example:80/a%20b?c=d HTTP/1.1\" \"curl/7 \\\"x\\\"\" - - arn:aws:tg \"Root=1-5\" \"-\" \"-\" 0 ",
            "2026-01-31T10:00:02.000000Z \"forward\" \"-\" \"-\" \"10.0.0.1:80\" \"200\" \"-\" \"-\" TID_1 new\n",
            "h2 2026-01-31T10:00:01.000000Z app/lb/50dc [2001:db8::1]:443 - -1 -1 -1 460 - 34 366 \"- http://x.example:80- -\" ",
            "\"-\" - - - \"Root=1-6\" \"-\" \"-\" 0 2026-01-31T10:00:00.500000Z \"-\" \"-\" \"-\" \"-\" \"-\" \"-\" \"-\"\n",
            "https 2026-01-31T10:00:00.257000Z app/lb/50dc 192.0.2.7:2817 10.0.0.1:80 0.086 0.148 0.023 200 200 0 57 ",
            "\"GET https://x.example:443/ HTTP/1.1\" \"curl/7\" ECDHE TLSv1.2 arn:aws:tg \"Root=1-7\" x.example arn:aws:acm\n",
        ),
        known: nothing,
        format: "alb",
        arrivals: &[0, 500, 2_000],
        bins: &[],
    },
    Case {
        name: "nginx's and Apache's, with a user of two words, a host before all, a line cut off",
        text: concat!(
            "::1 - - [31/Jan/2026:11:00:00 +0100] \"GET /a\\\"b HTTP/1.1\" 200 5 \"-\" \"Mozilla \\\\\" 0.010\n",
            "192.0.2.7 - Jane Doe [31/Jan/2026:11:00:04 +0100] \"\\x16\\x03\\x01\" 400 0 \"-\" \"-\" 0.010\n",
            "www.example.com:443 192.0.2.7 - - [31/Jan/2026:10:00:02 +0000] \"-\" 408 - \"-\" \"-\" 0.010\n",
            "192.0.2.7 - - [31/Jan/2026:11:0",
        ),
        known: |wanted| Wanted { on_the_second: true, ..wanted },
        format: "combined",
        arrivals: &[0, 2_000, 4_000],
        bins: &[],
    },
    Case {
        name: "CloudFront's, two files one after the other",
        text: concat!(
            "#Version: 1.0\n#Fields: date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status ",
            "cs(User-Agent) time-taken\n",
            "2026-01-31\t10:00:03\tFRA2\t12\t192.0.2.7\tGET\tx.net\t/a\t200\tMozilla/5.0%20(X)\t1.500\n",
            "2026-01-31\t10:00:02\tFRA2\t12\t192.0.2.7\tGET\tx.net\t/a\t000\t-\t2.000\n",
            "#Version: 1.0\n#Fields: date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status ",
            "cs(User-Agent) time-taken\n",
            "2026-02-01\t00:00:00\tFRA2\t12\t192.0.2.7\tGET\tx.net\t/a\t200\t\"odd\t0.000\n",
        ),
        known: |wanted| Wanted { on_the_second: true, ..wanted },
        format: "cloudfront",
        arrivals: &[0, 1_500, 50_400_000],
        bins: &[],
    },
    Case {
        name: "k6's as CSV: ends, and durations in other rows",
        text: concat!(
            "metric_name,timestamp,metric_value,check,error,status,url\n",
            "vus,1769853600123,5.000000,,,,\nhttp_reqs,1769853601500,1.000000,,,200,http://x/\n",
            "http_req_duration,1769853601500,500.000000,,,200,http://x/\nhttp_req_waiting,1769853601500,400,,,200,http://x/\n",
            "http_reqs,1769853601800,1.000000,,,200,http://x/\nhttp_req_duration,1769853601800,1300.25,,,200,http://x/\n",
        ),
        known: nothing,
        format: "k6",
        arrivals: &[0, 500],
        bins: &[],
    },
    Case {
        name: "k6's as JSON, the keys in two orders",
        text: concat!(
            "{\"type\":\"Metric\",\"data\":{\"name\":\"http_reqs\",\"type\":\"counter\"},\"metric\":\"http_reqs\"}\n",
            "{\"metric\":\"http_req_duration\",\"type\":\"Point\",\"data\":{\"time\":\"2026-01-31T11:00:01.5+01:00\",\"value\":500,",
            "\"tags\":{\"status\":\"200\"}}}\n",
            "{\"type\":\"Point\",\"data\":{\"time\":\"2026-01-31T10:00:02Z\",\"value\":200.5,\"tags\":null},",
            "\"metric\":\"http_req_duration\"}\n",
            "{\"type\":\"Point\",\"data\":{\"time\":\"2026-01-31T10:00:02Z\",\"value\":1,\"tags\":null},\"metric\":\"http_reqs\"}\n",
        ),
        known: nothing,
        format: "k6",
        arrivals: &[0, 799],
        bins: &[],
    },
    Case {
        name: "JMeter's, a message of two lines in quotes, a transaction besides",
        text: concat!(
            "timeStamp,elapsed,label,responseCode,responseMessage,threadName,dataType,success,failureMessage,bytes\n",
            "1769853600500,120,Home,200,OK,t 1-1,text,true,,10\n",
            "1769853600000,80,\"Cart, all\",500,Error,t 1-2,text,false,\"expected \"\"2\"\"\nfound 3\",10\n",
            "1769853600000,700,Buy,,\"Number of samples in transaction : 2, number of failing samples : 1\",t 1-2,,false,,20\n",
        ),
        known: nothing,
        format: "jmeter",
        arrivals: &[0, 500],
        bins: &[],
    },
    Case {
        name: "Locust's, of all endpoints and of each, counted exactly",
        text: concat!(
            "Timestamp,User Count,Type,Name,Requests/s,Failures/s,50%,Total Request Count,Total Failure Count\n",
            "1769853600,10,GET,/a,0.000000,0.000000,N/A,3,0\n1769853600,10,,Aggregated,0.000000,0.000000,N/A,3,0\n",
            "1769853601,10,GET,/a,4.000000,0.000000,12,8,0\n1769853601,10,,Aggregated,4.000000,0.000000,12,8,0\n",
            "1769853603,10,GET,/a,5.000000,0.000000,12,17,0\n1769853603,10,,Aggregated,5.000000,0.000000,12,17,0\n",
            "1769853604,10,GET,/a,6.000000,0.000000,12,21,0\n1769853604,10,,Aggregated,6.000000,0.000000,12,21,0\n",
        ),
        known: nothing,
        format: "locust",
        arrivals: &[],
        bins: &[3, 5, 9, 4],
    },
    Case {
        name: "Locust's without totals: rates",
        text: concat!(
            "Timestamp,User Count,Type,Name,Requests/s,Failures/s\n1769853600,10,,Aggregated,1.5,0\n",
            "1769853601,10,,Aggregated,2.5,0\n1769853602,10,,Aggregated,0.2,0\n",
        ),
        known: nothing,
        format: "locust",
        arrivals: &[],
        bins: &[2, 2, 0],
    },
    Case {
        name: "hey's, in order of their ends",
        text: concat!(
            "response-time,DNS+dialup,DNS,Request-write,Response-delay,Response-read,status-code,offset\n",
            "0.1000,0.0020,0.0000,0.0001,0.0900,0.0001,200,0.2500\n0.5000,0.0020,0.0000,0.0001,0.4900,0.0001,200,0.0500\n",
        ),
        known: nothing,
        format: "hey",
        arrivals: &[0, 200],
        bins: &[],
    },
    Case {
        name: "a panel of Grafana, two series, one empty and one null",
        text: "\"Time\",\"/api\",\"{code=\"\"200\"\"}\"\n1769853600000,0.5,1\n1769853615000,,2\n1769853630000,1,null\n\n",
        known: rate,
        format: "grafana-csv",
        arrivals: &[],
        bins: &[23, 30, 15],
    },
    Case {
        name: "a panel of Grafana with units",
        text: "\"Time\",\"requests\"\n2026-01-31 10:00:00,0.0020 K req/s\n2026-01-31 10:00:30,12 req/s\n",
        known: nothing,
        format: "csv",
        arrivals: &[],
        bins: &[60, 360],
    },
    Case {
        name: "a panel of an old Grafana, a series after the other",
        text: "Series;Time;Value\na;2026-01-31T10:00:00+00:00;2\na;2026-01-31T10:01:00+00:00;null\nb;2026-01-31T10:00:00+00:00;1\n",
        known: |wanted| Wanted { value: Some(Value::Count), bin: Some(Span::from_s(60)), ..wanted },
        format: "grafana-csv",
        arrivals: &[],
        bins: &[3],
    },
    Case {
        name: "a range query of Prometheus",
        text: concat!(
            "{\"status\":\"success\",\"data\":{\"resultType\":\"matrix\",\"result\":[{\"metric\":{\"code\":\"200\"},\"values\":",
            "[[1769853600,\"2\"],[1769853615.000,\"NaN\"],[1769853630,\"0.4\"]]},{\"metric\":{\"code\":\"500\"},\"values\":",
            "[[1769853615,\"1e-01\"]]}]}}",
        ),
        known: rate,
        format: "prometheus-range",
        arrivals: &[],
        bins: &[30, 2, 6],
    },
    Case {
        name: "reports of AWS Lambda as text, in three ways",
        text: concat!(
            "2026-01-31T10:00:00.000Z START RequestId: 5 Version: $LATEST\n",
            "2026-01-31T10:00:02.000Z REPORT RequestId: 5\tDuration: 1500.00 ms\tBilled Duration: 1500 ms\tMemory Size: 128 MB\n",
            "2026-01-31T10:00:01.000000+00:00 2026/01/31/[$LATEST]4f REPORT RequestId: 6 Duration: 1000.00 ms Billed Duration: 1 ms\n",
            "2026/01/31/[7]4f 2026-01-31T10:00:03 REPORT RequestId: 7\tInit Duration: 1 ms\tDuration: 500.00 ms\n",
            "XRAY TraceId: 1-5\tSegmentId: 4\tSampled: true\n2026-01-31T10:00:09Z my app saw a REPORT RequestId: 5 Duration: 1 ms\n",
        ),
        known: nothing,
        format: "lambda-report",
        arrivals: &[0, 500, 2_500],
        bins: &[],
    },
    Case {
        name: "reports of AWS Lambda as events",
        text: concat!(
            "{\n  \"events\": [\n    {\"logStreamName\": \"s\", \"timestamp\": 1769853602000, \"message\": \"REPORT RequestId: 5\\t",
            "Duration: 500.00 ms\\tBilled Duration: 500 ms\\n\", \"eventId\": \"1\"},\n    {\"timestamp\": 1769853600500, ",
            "\"message\": \"START RequestId: 5\"},\n {\"timestamp\": 1769853600500, \"message\": \"REPORT RequestId: 4\\t",
            "Duration: 500.00 ms\\n\"}\n  ],\n  \"searchedLogStreams\": []\n}\n",
        ),
        known: nothing,
        format: "lambda-report",
        arrivals: &[0, 1_500],
        bins: &[],
    },
    Case {
        name: "reports of AWS Lambda in its JSON format",
        text: concat!(
            "{\"time\":\"2026-01-31T10:00:01.000Z\",\"type\":\"platform.report\",\"record\":{\"requestId\":\"5\",\"metrics\":",
            "{\"durationMs\":1000.0,\"billedDurationMs\":1000}}}\n{\"time\":\"2026-01-31T10:00:01Z\",\"type\":\"platform.start\"}\n",
            "{\"time\":\"2026-01-31T10:00:01.500Z\",\"type\":\"platform.report\",\"record\":{\"metrics\":{\"durationMs\":20.0}}}\n",
        ),
        known: nothing,
        format: "lambda-report",
        arrivals: &[0, 1_480],
        bins: &[],
    },
    Case {
        name: "reports of AWS Lambda from the console, newest first",
        text: concat!(
            "@timestamp,@message\n2026-01-31 10:00:05.000,\"REPORT RequestId: 5\tDuration: 1000.00 ms\tBilled Duration: 1 ms\n",
            "XRAY TraceId: 1-5\"\n2026-01-31 10:00:02.000,END RequestId: 4\n",
            "2026-01-31 10:00:02.000,\"REPORT RequestId: 4\tDuration: 2000.00 ms\"\n",
        ),
        known: nothing,
        format: "lambda-report",
        arrivals: &[0, 4_000],
        bins: &[],
    },
    Case {
        name: "Azure's functions of 2021, unsorted",
        text: "app,func,end_timestamp,duration\na,f,12.5,2.0\nb,g,3.0,1.5\n",
        known: nothing,
        format: "azure-functions",
        arrivals: &[0, 9_000],
        bins: &[],
    },
    Case {
        name: "Azure's language models, with seven decimals and without",
        text: concat!(
            "TIMESTAMP,ContextTokens,GeneratedTokens\n2026-01-31 10:00:00.2500000,10,5\n2026-01-31 10:00:01,7,5\n",
            "2026-01-31 10:00:01.0100000,7,5\n",
        ),
        known: nothing,
        format: "azure-llm",
        arrivals: &[0, 750, 760],
        bins: &[],
    },
    Case {
        name: "a table of Europe",
        text: "zeit_s;pfad\n0,5;/a;\n2,25;/b;\n",
        known: |wanted| Wanted { time: Some("zeit_s".to_owned()), ..wanted },
        format: "csv",
        arrivals: &[0, 1_750],
        bins: &[],
    },
    Case {
        name: "a date and a time of day, over midnight",
        text: "date\ttime\tpath\n2026-01-31\t23:59:59.5\t/a\n2026-02-01\t00:00:00\t/b\n",
        known: nothing,
        format: "csv",
        arrivals: &[0, 500],
        bins: &[],
    },
    Case {
        name: "no header, times since 1970",
        text: "GET,1769853600.25,200\nGET,1769853601.5,200\n",
        known: nothing,
        format: "csv",
        arrivals: &[0, 1_250],
        bins: &[],
    },
    Case {
        name: "numbers a minute, with thousands and a remark above",
        text: "# exported today\ntimestamp,requests\n2026-01-31T10:00:00Z,\"1,386\"\n2026-01-31T10:01:00Z,12\n",
        known: nothing,
        format: "csv",
        arrivals: &[],
        bins: &[1_386, 12],
    },
    Case {
        name: "rates under a name that says so, in bins of ten seconds",
        text: "Time;Requests/s\n1769853600;1,5\n1769853610;;\n1769853620;0,04\n1769853630;0,04\n1769853640;0,04\n",
        known: nothing,
        format: "csv",
        arrivals: &[],
        bins: &[15, 0, 1, 0],
    },
];

/// The same text as it may lie on a disk.
fn dressed(text: &str) -> Vec<(&'static str, Vec<u8>)> {
    let gz = |bytes: &[u8]| {
        let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
        packed.write_all(bytes).unwrap();
        packed.finish().unwrap()
    };
    let utf16 = |text: &str, order: fn(u16) -> [u8; 2]| -> Vec<u8> {
        format!("\u{feff}{text}").encode_utf16().flat_map(order).collect()
    };
    let crlf = text.replace('\n', "\r\n");
    vec![
        ("plain", text.as_bytes().to_vec()),
        ("with a mark", format!("\u{feff}{text}").into_bytes()),
        ("CRLF", crlf.clone().into_bytes()),
        ("gzip", gz(text.as_bytes())),
        ("UTF-16", utf16(text, u16::to_le_bytes)),
        ("UTF-16 of the other order, CRLF, gzip", gz(&utf16(&crlf, u16::to_be_bytes))),
    ]
}

#[test]
fn every_format_is_known_and_every_request_found_however_the_file_is_dressed() {
    for Case { name, text, known, format, arrivals: expected, bins } in CASES {
        for (dress, bytes) in dressed(text) {
            let mut file = NamedTempFile::new().unwrap();
            file.write_all(&bytes).unwrap();
            for held in [0, HELD] {
                let wanted = known(Wanted::of(file.path()));
                let reading =
                    Reading { held, first: Some(Instant::ZERO), spread: Spread::Even, ..Reading::all(wanted) };
                let end = at(1e6);
                let trace =
                    Trace::open(&reading, START, end).unwrap_or_else(|error| panic!("{name}, {dress}: {error:?}"));
                let told = trace.told(Path::new("x")).join("\n");
                assert!(told.contains(&format!("read as {format}")), "{name}, {dress}: {told}");
                let mut cursor = trace.stored.seek(0).unwrap();
                let rows: Vec<_> = std::iter::from_fn(|| cursor.next().unwrap()).collect();
                match bins {
                    [] => {
                        let ms: Vec<_> = rows.iter().map(|row| (row.offset / 1_000_000) as i64).collect();
                        assert_eq!(&ms, expected, "{name}, {dress}: {told}");
                    }
                    bins => {
                        let counts: Vec<_> = rows.iter().map(|row| row.count).collect();
                        assert_eq!(&counts, bins, "{name}, {dress}: {told}");
                    }
                }
            }
        }
    }
}

#[test]
fn durations_are_replayed_where_they_are_the_codes_own() {
    for (case, expected) in [(0, vec![Some(148), None, Some(120)]), (13, vec![Some(1_000), Some(1_500), Some(500)])] {
        let file = file(CASES[case].text);
        let trace = Trace::open(&Reading::all(Wanted::of(file.path())), START, at(1e6)).unwrap();
        let mut feed = trace.feed(Seed { seed: 1, replication: 0 }, "web", START, at(1e6));
        let mut services = Vec::new();
        while feed.advance() != Instant::END {
            services.push(feed.service().map(|service| service.ns() / 1_000_000));
        }
        assert_eq!(services, expected);
        assert!(trace.has_durations());
        let none = Wanted { duration: Some(None), ..Wanted::of(file.path()) };
        assert!(!Trace::open(&Reading::all(none), START, at(1e6)).unwrap().has_durations());
    }
}

#[test]
fn a_log_of_1995_has_the_requests_that_others_count_in_it() {
    // Counted with awk: 1,880 lines, 379 of them in the first 600 s.
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/traces/nasa-aug95.log.gz");
    let open = |wanted, end| Trace::open(&Reading::all(wanted), START, at(end)).unwrap();
    let all = open(Wanted::of(&path), 1e5);
    assert_eq!((all.rows, all.requests), (1_880, 1_880.0));
    let ten = open(Wanted::of(&path), 600.0);
    assert_eq!((ten.requests, ten.skipped), (379.0, 1_501));
    let only = |column: &str, value: &str| {
        let only = vec![(column.to_owned(), value.to_owned())];
        open(Wanted { only, ..Wanted::of(&path) }, 1e5).rows
    };
    // zgrep -c '" 304 '; zgrep -c '"GET /shuttle/'; zgrep -c '" 2[0-9][0-9] '.
    let zgrep = [only("status", "304"), only("path", "/shuttle/*"), only("status", "2xx")];
    assert_eq!((zgrep, only("method", "GET")), (ZGREP, 1_880));
    // Those of one second lie anywhere in it, and their number in a second stays.
    let list = arrivals(&all, START, at(1e5), 0);
    assert!(list.iter().filter(|at| at.ns() % 1_000_000_000 == 0).count() < 3);
    let together = open(Wanted { on_the_second: true, ..Wanted::of(&path) }, 1e5);
    let seconds = |list: &[Instant]| list.iter().map(|at| at.ns() / 1_000_000_000).collect::<Vec<_>>();
    assert_eq!(seconds(&list), seconds(&arrivals(&together, START, at(1e5), 0)));
}

const ZGREP: [u64; 3] = [130, 553, 1_717];
