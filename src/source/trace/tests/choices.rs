//! What a table is taken for where nobody says it: numbers or requests, and of which column. What may be either is refused;
//! nothing is taken for what it is not.

use super::*;

/// How many requests a file is found to have, and how long a bin is, in seconds; or a piece of what it is refused with.
fn found(text: &str, known: fn(Wanted) -> Wanted) -> Result<(f64, f64), String> {
    let file = file(text);
    match Trace::open(&Reading::all(known(Wanted::of(file.path()))), START, at(1e8)) {
        Ok(trace) => Ok((trace.recording.total, trace.recording.bin.seconds())),
        Err(TraceError::Malformed { reason, cure, .. } | TraceError::Unfit { reason, cure }) => {
            Err(format!("{reason}; {cure}"))
        }
        Err(other) => Err(format!("{other:?}")),
    }
}

fn minutes(header: &str, cells: &[&str]) -> String {
    let rows = (0..).zip(cells).map(|(k, cells)| format!("2026-01-31 10:{k:02}:00,{cells}\n"));
    format!("{header}\n{}", rows.collect::<String>())
}

fn plain(wanted: Wanted) -> Wanted {
    wanted
}

#[test]
fn numbers_are_found_by_their_names_where_rows_lie_as_bins_do() {
    let three = ["100,99.5", "101,99.4", "102,99.5"];
    for header in [
        "time,requests,success_rate",
        "time,requests,rps",
        "\"@timestamp per minute\",Count of records,p95",
        ",requests,x",
    ] {
        assert_eq!(found(&minutes(header, &three), plain), Ok((303.0, 60.0)), "{header}");
    }
    assert_eq!(
        found(&minutes("time,requests", &["100", "101", "102"]), |wanted| Wanted {
            time: Some("time".to_owned()),
            ..wanted
        }),
        Ok((303.0, 60.0))
    );
    // Rates, of a second or of a minute.
    assert_eq!(found(&minutes("time,Throughput (rpm)", &["100", "101"]), plain), Ok((201.0, 60.0)));
    assert_eq!(found(&minutes("time,rps", &["1", "2"]), plain), Ok((180.0, 60.0)));
    // Digits in groups, and what is written behind them.
    assert_eq!(found(&minutes("time,requests", &["1 100", "1'101", "900 reqs"]), plain), Ok((3_101.0, 60.0)));
    // Days, hours, and both in columns of their own.
    assert_eq!(found("date,requests\n20260130,100\n20260131,120\n20260201,90\n", plain), Ok((310.0, 86_400.0)));
    assert_eq!(
        found("Date + hour (YYYYMMDDHH),requests\n2026013122,1\n2026013123,2\n2026020100,4\n", plain),
        Ok((7.0, 3_600.0))
    );
    assert_eq!(
        found("date,hour,requests\n2026-01-31,22,1\n2026-01-31,23,2\n2026-02-01,00,4\n", plain),
        Ok((7.0, 3_600.0))
    );
    // A column that stands still is the beginning of something else.
    let influx = "_start,_time,requests\n2026-01-31T11:00:00Z,2026-01-31T11:01:00Z,1\n2026-01-31T11:00:00Z,2026-01-31T11:02:00Z,2\n";
    assert_eq!(found(influx, plain), Ok((3.0, 60.0)));
}

#[test]
fn what_may_be_either_is_refused_with_what_to_write() {
    let refused = |text: &str, pieces: &[&str]| {
        let said = found(text, plain).expect_err(text);
        assert!(pieces.iter().all(|piece| said.contains(piece)), "{text}: {said}");
    };
    let names = ["`count = \"orders\"`", "`count = \"none\"`"];
    refused(&minutes("time,endpoint,orders", &["a,10", "b,20", "a,30"]), &names);
    let twice = "time,endpoint,orders\n".to_owned()
        + &["00", "00", "01", "01", "03", "03", "07"]
            .map(|minute| format!("2026-01-31 10:{minute}:00,a,10\n"))
            .concat();
    refused(&twice, &names);
    refused(&minutes(",0", &["100", "101", "102"]), &["`count = \"0\"`"]);
    refused(
        &minutes("time,throughput", &["100", "101", "102"]),
        &["`value = \"count\"`", "303", "`value = \"rate\"`", "18,180"],
    );
    let uneven = "timestamp,method,requests\n2026-01-31 10:00:00.210,GET,7\n2026-01-31 10:00:01.510,GET,7\n2026-01-31 10:00:02.9,GET,7\n";
    refused(uneven, &["do not lie evenly", "`bin = \"1s\"`", "`count = \"none\"`"]);
    assert_eq!(found(uneven, |wanted| Wanted { count: Some(None), ..wanted }), Ok((3.0, 0.0)));
    refused(&minutes("time,requests", &["100", "~101"]), &["`~101` is not a number of requests"]);
    let units: String =
        (0..20).map(|k| format!("{}\n", if k % 2 == 0 { 1_769_853_600 } else { 1_769_853_600_000_u64 } + k)).collect();
    refused(&format!("timestamp\n{units}"), &["nothing says what a 1 in column `timestamp` is"]);
    assert_eq!(found("seconds,requests\n0,100\n15,100\n30,100\n", plain), Ok((300.0, 15.0)));
    refused(
        "2026-01-31 10:00:00 INFO started\n2026-01-31 10:00:01 INFO done\n",
        &["its lines have one field", "a row a request"],
    );
}

#[test]
fn rows_with_other_numbers_stay_requests() {
    for header in ["time,path,status", "time,path,bytes", "time,path,latency_ms", "time,path,response_time"] {
        let rows = minutes(header, &["/a,200", "/b,200", "/a,404", "/c,200"]);
        assert_eq!(found(&rows, plain), Ok((4.0, 0.0)), "{header}");
    }
    let seconds = "time,path,items\n".to_owned()
        + &["00", "03", "04", "09", "17", "18"].map(|second| format!("2026-01-31 10:00:{second},/a,2\n")).concat();
    assert_eq!(found(&seconds, plain), Ok((6.0, 0.0)));
}

#[test]
fn extended_logs_have_blanks_or_tabs_and_durations_of_either_unit() {
    let iis = "#Software: IIS\n#Fields: date time s-ip cs-method sc-status time-taken\n\
               2026-01-31 10:00:00 10.0.0.1 GET 200 1500\n2026-01-31 10:00:02 10.0.0.1 GET 200 500\n";
    for text in [
        iis.to_owned(),
        iis.replace(" 10.0", "\t10.0")
            .replace("-31 10", "-31\t10")
            .replace(" GET ", "\tGET\t")
            .replace("200 ", "200\t"),
    ] {
        let file = file(&text);
        let wanted = Wanted { on_the_second: true, ..Wanted::of(file.path()) };
        let trace = Trace::open(&Reading::all(wanted), START, at(1e6)).unwrap();
        assert_eq!(seconds(&arrivals(&trace, START, at(1e6), 0)), [0.0, 3.0], "{text}");
    }
}

#[test]
fn what_is_missing_is_counted() {
    let told = |text: &str, known: fn(Wanted) -> Wanted| {
        let file = file(text);
        let trace = Trace::open(&Reading::all(known(Wanted::of(file.path()))), START, at(1e6)).unwrap();
        trace.told(std::path::Path::new("x")).join("\n")
    };
    let gaps = "time,rps\n2026-01-31 10:00:00,1\n2026-01-31 10:01:00,1\n2026-01-31 10:02:00,1\n2026-01-31 10:09:00,1\n";
    assert!(told(gaps, plain).contains("6 bins between others have no row"));
    let durations = "time,took_ms\n2026-01-31 10:00:00.1,7\n2026-01-31 10:00:01.3,\n2026-01-31 10:00:03.9,-\n";
    let said = told(durations, |wanted| Wanted { duration: Some(Some("took_ms".to_owned())), ..wanted });
    assert!(said.contains("2 requests have no duration"), "{said}");
}

#[test]
fn units_that_are_written_behind_numbers_are_known_or_asked_for() {
    assert_eq!(
        found(&minutes("\"Time\",\"web\"", &["600 req/m", "601 req/m", "602 req/m"]), plain),
        Ok((1_803.0, 60.0))
    );
    assert_eq!(found(&minutes("time,requests_per_min", &["600", "601", "602"]), plain), Ok((1_803.0, 60.0)));
    let said = found(&minutes("time,web", &["600 foo", "601 foo", "602 foo"]), plain).unwrap_err();
    assert!(said.contains("`count = \"web\"`"), "{said}");
}

#[test]
fn totals_are_asked_for_and_their_differences_taken() {
    let totals = minutes("time,requests", &["1000", "1060", "1110", "1200", "1260", "1270"]);
    let said = found(&totals, plain).unwrap_err();
    assert!(said.contains("only grow") && said.contains("`value = \"total\"`"), "{said}");
    let total = |wanted| Wanted { value: Some(Value::Total), ..wanted };
    // The first has all that came before it.
    assert_eq!(found(&totals, total), Ok((1_270.0, 60.0)));
    assert_eq!(found(&totals, |wanted| Wanted { value: Some(Value::Count), ..wanted }).unwrap().0, 6_900.0);
    // Of single names in Locust's statistics the rates, since their totals are several.
    let header = "Timestamp,User Count,Type,Name,Requests/s,Failures/s,Total Request Count\n";
    let rows =
        (0..4).map(|k| format!("{0},9,GET,/a,9,0,{1}\n{0},9,GET,/b,1,0,{2}\n", 1_769_853_600 + k, 9 * (k + 1), k + 1));
    assert_eq!(found(&(header.to_owned() + &rows.collect::<String>()), plain), Ok((40.0, 1.0)));
}

#[test]
fn what_times_are_of_is_obeyed_in_every_format() {
    let first = |text: &str, known: fn(Wanted) -> Wanted| {
        let file = file(text);
        let wanted = Wanted { on_the_second: true, ..known(Wanted::of(file.path())) };
        Trace::open(&Reading::all(wanted), START, at(1e6)).map(|trace| trace.recording.base / 1_000_000)
    };
    let end = |wanted| Wanted { stamp: Some(Stamp::End), ..wanted };
    let jmeter = "timeStamp,elapsed,label\n1769853600000,1500,A\n1769853601370,1500,B\n";
    assert_eq!(first(jmeter, plain).unwrap(), 1_769_853_600_000);
    assert_eq!(first(jmeter, end).unwrap(), 1_769_853_598_500);
    let iis = "#Fields: date time cs-method time-taken\n2026-01-31 10:00:00 GET 3500\n2026-01-31 10:00:03 GET 3501\n";
    let replayed = |wanted| Wanted { duration: Some(Some("time-taken".to_owned())), ..wanted };
    assert_eq!(first(iis, replayed).unwrap(), 1_769_853_596_500);
    let apache = "::1 - a[b] [31/Jan/2026:10:00:00.500 +0000] \"GET / HTTP/1.1\" 200 5 100000\n";
    assert_eq!(first(apache, plain).unwrap(), 1_769_853_600_500);
    let micros = |wanted| Wanted { duration: Some(Some("8 us".to_owned())), stamp: Some(Stamp::End), ..wanted };
    assert_eq!(first(apache, micros).unwrap(), 1_769_853_600_400);
    assert!(first(apache, end).is_err(), "nothing says how long it took");
}

#[test]
fn reports_in_json_are_found_in_lines_and_in_tables() {
    let report = "{\"time\":\"2026-01-31T10:00:00.000Z\",\"type\":\"platform.report\",\"record\":{\"metrics\":{\"durationMs\":150.5}}}";
    let tail =
        format!("2026-01-31T10:00:00.000Z 2026/01/31/[$LATEST]abc {report}\n2026-01-31T10:00:00Z x {{\"a\":1}}\n");
    assert_eq!(found(&tail, plain), Ok((1.0, 0.0)));
    let quoted = report.replace('"', "\"\"");
    let table = format!(
        "timestamp,message\n1769853600000,\"{quoted}\"\n1769853600000,\"{{\"\"type\"\":\"\"platform.start\"\"}}\"\n"
    );
    assert_eq!(found(&table, plain), Ok((1.0, 0.0)));
}

#[test]
fn quoted_fields_may_go_on_in_the_next_line_of_every_row() {
    let text = "time,message,status\n2026-01-31T10:00:00Z,\"a\nb\",200\n2026-01-31T10:00:01.5Z,\"a\nb\",200\n";
    assert_eq!(found(text, plain), Ok((2.0, 0.0)));
}
