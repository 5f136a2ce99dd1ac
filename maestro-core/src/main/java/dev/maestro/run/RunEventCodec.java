package dev.maestro.run;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import dev.maestro.json.Json;
import dev.maestro.store.Envelope;
import dev.maestro.store.StoreException;
import java.io.IOException;
import java.time.DateTimeException;
import java.util.Map;

/**
 * Turns run events into envelopes for a store, and back.
 *
 * <p>Fields are only ever appended: a missing one reads as absent, an unknown one is passed over.
 * An unknown kind of event, or a newer version of one, is refused. Safe for use by any number of
 * threads.
 */
public final class RunEventCodec {

  static final int VERSION = 1;

  // what one parser let through with its defaults must never be refused by another
  private static final int DEPTH = StreamReadConstraints.DEFAULT_MAX_DEPTH + 100;

  /** Make a codec; one serves any number of runs. */
  public RunEventCodec() {}

  /** Made when an event is read first: a run that only goes on reads none. */
  private static final class Reading {
    static final JsonFactory PARSERS =
        JsonFactory.builder()
            .streamReadConstraints(
                StreamReadConstraints.builder()
                    .maxNestingDepth(DEPTH)
                    .maxStringLength(64 * 1024 * 1024)
                    .maxNameLength(Value.MAX_INLINE_BYTES * 8)
                    .maxNumberLength(Value.MAX_INLINE_BYTES)
                    .build())
            .build();
  }

  /** {@return the event as a store takes it} */
  public Envelope encode(RunEvent event) {
    return new EventEncoder().encode(event);
  }

  /**
   * {@return the event that lies in the envelope}
   *
   * @throws StoreException when this version of Maestro does not know such events
   */
  public RunEvent decode(Envelope envelope) {
    if (envelope.version() > VERSION || !EventReader.knows(envelope.type())) {
      throw newer("an event '" + envelope.type() + "' of version " + envelope.version());
    }
    RunEvent event = read(envelope);
    if (event instanceof RunEvent.RunStarted started && started.rules() > RunRules.VERSION) {
      throw newer("a run that keeps version " + started.rules() + " of the rules");
    }
    return event;
  }

  private RunEvent read(Envelope envelope) {
    try {
      JsonNode json = Json.read(Reading.PARSERS, envelope.json());
      return new EventReader(envelope.at(), json).read(envelope.type());
    } catch (IOException | DateTimeException | IllegalArgumentException | NullPointerException e) {
      throw new StoreException(
          "the journal holds an event '" + envelope.type() + "' that cannot be read", e);
    }
  }

  private static StoreException newer(String what) {
    return new StoreException(
        "the journal holds "
            + what
            + ", which this version of Maestro does not know; open it with a newer one");
  }

  static String typeOf(RunEvent event) {
    String type = TYPES.get(event.getClass().getSimpleName());
    if (type == null) {
      throw new IllegalArgumentException("no name for " + event.getClass());
    }
    return type;
  }

  // by the names of the classes: naming the classes themselves would load them all
  static final Map<String, String> TYPES =
      Map.ofEntries(
          Map.entry("RunStarted", "run-started"),
          Map.entry("TasksAdded", "tasks-added"),
          Map.entry("Forked", "forked"),
          Map.entry("Redefined", "redefined"),
          Map.entry("Began", "began"),
          Map.entry("Dispatched", "dispatched"),
          Map.entry("Judged", "judged"),
          Map.entry("Granted", "granted"),
          Map.entry("Intent", "intent"),
          Map.entry("Launched", "launched"),
          Map.entry("SessionStarted", "session-started"),
          Map.entry("ConversationKept", "conversation-kept"),
          Map.entry("HandedOff", "handed-off"),
          Map.entry("Transcribed", "transcribed"),
          Map.entry("Acted", "acted"),
          Map.entry("Opened", "opened"),
          Map.entry("Verified", "verified"),
          Map.entry("Checkpointed", "checkpointed"),
          Map.entry("Scored", "scored"),
          Map.entry("Merging", "merging"),
          Map.entry("Integrated", "integrated"),
          Map.entry("Asked", "asked"),
          Map.entry("Answered", "answered"),
          Map.entry("HandedOn", "handed-on"),
          Map.entry("Released", "released"),
          Map.entry("Reworked", "reworked"),
          Map.entry("Reopened", "reopened"),
          Map.entry("RolledBack", "rolled-back"),
          Map.entry("TaskClaimed", "task-claimed"),
          Map.entry("ClaimReleased", "claim-released"),
          Map.entry("Delivered", "delivered"),
          Map.entry("Moved", "moved"),
          Map.entry("RunMoved", "run-moved"));
}
