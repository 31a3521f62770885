"""Reads traces with the messages that Perfetto publishes (PyPI: perfetto), and checks what every trace must hold."""
import collections
import sys

from perfetto.protos.perfetto.trace import perfetto_trace_pb2 as perfetto

EVENT = perfetto.TrackEvent


def unknown(message):
    """Whether a message, or one in it, has fields that Perfetto does not know."""
    bare = type(message)()
    bare.CopyFrom(message)
    bare.DiscardUnknownFields()
    return bare.ByteSize() != message.ByteSize()


def check(path):
    trace = perfetto.Trace()
    trace.ParseFromString(open(path, "rb").read())
    assert not unknown(trace), f"{path} has fields that Perfetto does not know"
    first, *rest = trace.packet
    words = first.interned_data
    assert first.sequence_flags == 3 and first.first_packet_on_sequence
    names, keys, colours = (
        {word.iid: getattr(word, field) for word in kind}
        for kind, field in [
            (words.event_names, "name"),
            (words.debug_annotation_names, "name"),
            (words.correlation_id_str, "str"),
        ]
    )
    values = {word.iid: word.str.decode() for word in words.debug_annotation_string_values}
    categories = {word.iid: word.name for word in words.event_categories}
    tracks = {packet.track_descriptor.uuid: packet.track_descriptor for packet in rest if packet.HasField("track_descriptor")}
    assert all(track.name for track in tracks.values())
    (root,) = [track for track in tracks.values() if not track.HasField("parent_uuid")]
    assert all(track.parent_uuid in tracks for track in tracks.values() if track is not root)

    at, open_slices, outcomes, attempts, seen = 0, collections.defaultdict(list), collections.Counter(), set(), collections.Counter()
    ended = {}
    for packet in rest:
        if not packet.HasField("track_event"):
            assert not seen, "tracks are described before anything happens on them"
            continue
        event, track = packet.track_event, tracks[packet.track_event.track_uuid]
        assert packet.timestamp >= at and packet.sequence_flags == 2 and packet.trusted_packet_sequence_id == 1
        at = packet.timestamp
        seen[event.type] += 1
        if event.type == EVENT.TYPE_COUNTER:
            assert track.HasField("counter") and event.double_counter_value >= 0
            assert track.counter.unit_name != "%" or event.double_counter_value <= 100
            continue
        assert not track.HasField("counter")
        if event.type == EVENT.TYPE_SLICE_END:
            # What ends has begun, and what began last ends first.
            ended[track.uuid] = at
            assert open_slices[track.uuid].pop() <= at
            continue
        assert names[event.name_iid]
        if event.type == EVENT.TYPE_SLICE_BEGIN:
            told = {keys[of.name_iid]: of for of in event.debug_annotations}
            if told:
                assert not open_slices[track.uuid], "attempts on one track do not overlap"
                assert at >= ended.get(track.uuid, 0)
                text = lambda key: values[told[key].string_value_iid]
                assert colours[event.correlation_id_str_iid].decode().endswith(" " + text("version"))
                assert categories[event.category_iids[0]] == "attempt"
                outcomes[text("outcome")] += 1
                attempts.add((text("source"), told["index"].uint_value, told["attempt"].uint_value, told["arrival_ns"].int_value))
            open_slices[track.uuid].append(at)
    assert not any(open_slices.values()), "every slice ends"
    assert len(attempts) == sum(outcomes.values()), "every attempt is there once"
    assert seen[EVENT.TYPE_SLICE_BEGIN] == seen[EVENT.TYPE_SLICE_END]
    print(f"{path}: {root.name}: {len(tracks)} tracks, {dict(outcomes)}")


assert len(sys.argv) > 1, "no traces given"
for path in sys.argv[1:]:
    check(path)
