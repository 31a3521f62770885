//! The messages of Perfetto's trace format that are written, with the numbers of their fields in its published `.proto` files; a
//! reader that knows more fields takes those for absent.

use prost::Message;

/// `Trace`: one packet of it, since packets are written one after the other.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Trace {
    #[prost(message, optional, tag = "1")]
    pub packet: Option<Packet>,
}

/// `TracePacket`.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Packet {
    /// In nanoseconds.
    #[prost(uint64, optional, tag = "8")]
    pub timestamp: Option<u64>,
    #[prost(uint32, optional, tag = "10")]
    pub trusted_packet_sequence_id: Option<u32>,
    #[prost(message, optional, tag = "11")]
    pub track_event: Option<TrackEvent>,
    #[prost(message, optional, tag = "12")]
    pub interned_data: Option<Interned>,
    /// See [`CLEARED`] and [`NEEDED`].
    #[prost(uint32, optional, tag = "13")]
    pub sequence_flags: Option<u32>,
    #[prost(message, optional, tag = "60")]
    pub track_descriptor: Option<TrackDescriptor>,
    #[prost(bool, optional, tag = "87")]
    pub first_packet_on_sequence: Option<bool>,
}

/// Of `sequence_flags`: what was interned before is forgotten.
pub(super) const CLEARED: u32 = 1;
/// What was interned is needed to read this packet.
pub(super) const NEEDED: u32 = 2;

/// `TrackDescriptor`.
#[derive(Clone, PartialEq, Message)]
pub(super) struct TrackDescriptor {
    #[prost(uint64, optional, tag = "1")]
    pub uuid: Option<u64>,
    #[prost(string, optional, tag = "2")]
    pub name: Option<String>,
    #[prost(uint64, optional, tag = "5")]
    pub parent_uuid: Option<u64>,
    #[prost(message, optional, tag = "8")]
    pub counter: Option<CounterDescriptor>,
    /// See [`EXPLICIT`].
    #[prost(int32, optional, tag = "11")]
    pub child_ordering: Option<i32>,
    #[prost(int32, optional, tag = "12")]
    pub sibling_order_rank: Option<i32>,
    #[prost(string, optional, tag = "14")]
    pub description: Option<String>,
    /// See [`BY_NAME`].
    #[prost(int32, optional, tag = "15")]
    pub sibling_merge_behavior: Option<i32>,
}

/// Of `child_ordering`: children stand in the order of their ranks.
pub(super) const EXPLICIT: i32 = 3;
/// Of `sibling_merge_behavior`: siblings of one name are shown as one track, so that lanes are.
pub(super) const BY_NAME: i32 = 1;

/// `CounterDescriptor`.
#[derive(Clone, PartialEq, Message)]
pub(super) struct CounterDescriptor {
    /// See [`COUNT`].
    #[prost(int32, optional, tag = "3")]
    pub unit: Option<i32>,
    #[prost(string, optional, tag = "6")]
    pub unit_name: Option<String>,
}

/// Of `unit`: things are counted.
pub(super) const COUNT: i32 = 2;

/// `TrackEvent`.
#[derive(Clone, PartialEq, Message)]
pub(super) struct TrackEvent {
    #[prost(uint64, repeated, packed = "false", tag = "3")]
    pub category_iids: Vec<u64>,
    #[prost(message, repeated, tag = "4")]
    pub debug_annotations: Vec<Annotation>,
    /// See [`BEGIN`] and those after it.
    #[prost(int32, optional, tag = "9")]
    pub kind: Option<i32>,
    #[prost(uint64, optional, tag = "10")]
    pub name_iid: Option<u64>,
    #[prost(uint64, optional, tag = "11")]
    pub track_uuid: Option<u64>,
    #[prost(double, optional, tag = "44")]
    pub double_counter_value: Option<f64>,
    /// Slices with the same one are joined by arrows.
    #[prost(fixed64, repeated, packed = "false", tag = "47")]
    pub flow_ids: Vec<u64>,
    /// Slices with the same one are of one colour, whatever their names.
    #[prost(uint64, optional, tag = "54")]
    pub correlation_id_str_iid: Option<u64>,
}

/// Of `type`: a slice begins.
pub(super) const BEGIN: i32 = 1;
/// The slice of the track that began last ends.
pub(super) const END: i32 = 2;
/// Something happens.
pub(super) const INSTANT: i32 = 3;
/// A counter has this value from now on.
pub(super) const COUNTER: i32 = 4;

/// `DebugAnnotation`.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Annotation {
    #[prost(uint64, optional, tag = "1")]
    pub name_iid: Option<u64>,
    #[prost(uint64, optional, tag = "3")]
    pub uint_value: Option<u64>,
    #[prost(int64, optional, tag = "4")]
    pub int_value: Option<i64>,
    #[prost(uint64, optional, tag = "17")]
    pub string_value_iid: Option<u64>,
}

/// `InternedData`.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Interned {
    #[prost(message, repeated, tag = "1")]
    pub event_categories: Vec<Word>,
    #[prost(message, repeated, tag = "2")]
    pub event_names: Vec<Word>,
    #[prost(message, repeated, tag = "3")]
    pub debug_annotation_names: Vec<Word>,
    #[prost(message, repeated, tag = "29")]
    pub debug_annotation_string_values: Vec<Word>,
    #[prost(message, repeated, tag = "43")]
    pub correlation_id_str: Vec<Word>,
}

/// `EventCategory`, `EventName`, `DebugAnnotationName` and `InternedString`: all have the same two fields.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Word {
    #[prost(uint64, optional, tag = "1")]
    pub iid: Option<u64>,
    #[prost(string, optional, tag = "2")]
    pub name: Option<String>,
}
