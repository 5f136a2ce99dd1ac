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
    String type = TYPES.get(event.getClass());
    if (type == null) {
      throw new IllegalArgumentException("no name for " + event.getClass());
    }
    return type;
  }

  static final Map<Class<? extends RunEvent>, String> TYPES =
      Map.ofEntries(
          Map.entry(RunEvent.RunStarted.class, "run-started"),
          Map.entry(RunEvent.TasksAdded.class, "tasks-added"),
          Map.entry(RunEvent.Forked.class, "forked"),
          Map.entry(RunEvent.Redefined.class, "redefined"),
          Map.entry(RunEvent.Began.class, "began"),
          Map.entry(RunEvent.Dispatched.class, "dispatched"),
          Map.entry(RunEvent.Judged.class, "judged"),
          Map.entry(RunEvent.Granted.class, "granted"),
          Map.entry(RunEvent.Intent.class, "intent"),
          Map.entry(RunEvent.Launched.class, "launched"),
          Map.entry(RunEvent.SessionStarted.class, "session-started"),
          Map.entry(RunEvent.ConversationKept.class, "conversation-kept"),
          Map.entry(RunEvent.HandedOff.class, "handed-off"),
          Map.entry(RunEvent.Transcribed.class, "transcribed"),
          Map.entry(RunEvent.Acted.class, "acted"),
          Map.entry(RunEvent.Opened.class, "opened"),
          Map.entry(RunEvent.Verified.class, "verified"),
          Map.entry(RunEvent.Checkpointed.class, "checkpointed"),
          Map.entry(RunEvent.Scored.class, "scored"),
          Map.entry(RunEvent.Merging.class, "merging"),
          Map.entry(RunEvent.Integrated.class, "integrated"),
          Map.entry(RunEvent.Asked.class, "asked"),
          Map.entry(RunEvent.Answered.class, "answered"),
          Map.entry(RunEvent.HandedOn.class, "handed-on"),
          Map.entry(RunEvent.Released.class, "released"),
          Map.entry(RunEvent.Reworked.class, "reworked"),
          Map.entry(RunEvent.Reopened.class, "reopened"),
          Map.entry(RunEvent.RolledBack.class, "rolled-back"),
          Map.entry(RunEvent.TaskClaimed.class, "task-claimed"),
          Map.entry(RunEvent.ClaimReleased.class, "claim-released"),
          Map.entry(RunEvent.Delivered.class, "delivered"),
          Map.entry(RunEvent.Moved.class, "moved"),
          Map.entry(RunEvent.RunMoved.class, "run-moved"));
}
