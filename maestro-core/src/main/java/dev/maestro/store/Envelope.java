package dev.maestro.store;

import java.time.Instant;
import java.util.Objects;

/**
 * One event on its way into a store, which does not look inside.
 *
 * @param type names the kind of event
 * @param version of that kind's JSON; starts at 1
 * @param at when it happened; informative, the order is by sequence number
 * @param json one JSON object in UTF-8; not to be changed afterwards
 */
@SuppressWarnings("ArrayRecordComponent")
public record Envelope(String type, int version, Instant at, byte[] json) {

  /** Check that nothing is missing. */
  public Envelope {
    Objects.requireNonNull(type, "type");
    Objects.requireNonNull(at, "at");
    Objects.requireNonNull(json, "json");
    if (version < 1) {
      throw new IllegalArgumentException("versions are counted from 1, not " + version);
    }
  }
}
