package dev.maestro.store;

/**
 * One record as it lies in a store.
 *
 * @param key where
 * @param version counted up from 1 with every write; deleting does not reset it
 * @param json one JSON value in UTF-8; not to be changed
 */
@SuppressWarnings("ArrayRecordComponent")
public record VersionedRecord(RecordKey key, long version, byte[] json) {}
