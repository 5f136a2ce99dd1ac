package dev.maestro.run;

import dev.maestro.json.JsonText;
import dev.maestro.store.Envelope;
import java.util.List;

/**
 * Turns run events into envelopes as {@link RunEventCodec} does, for one that writes very many of
 * them: in room that it keeps. Used by one thread at a time.
 */
public final class EventEncoder {

  private final JsonText json = JsonText.plain();
  private final EventWriter writer = new EventWriter(json);

  /** Make one that has little room yet. */
  public EventEncoder() {}

  /** {@return the events as a store takes them, in the same order} */
  public List<Envelope> encode(List<RunEvent> events) {
    List<Envelope> envelopes = List.of();
    for (int i = 0; i < events.size(); i++) {
      envelopes = Few.plus(envelopes, encode(events.get(i)));
    }
    return envelopes;
  }

  Envelope encode(RunEvent event) {
    json.clear();
    json.writeStartObject();
    writer.write(event);
    json.writeEndObject();
    return new Envelope(
        RunEventCodec.typeOf(event), RunEventCodec.VERSION, event.at(), json.toBytes());
  }
}
