package dev.maestro.attempt;

import dev.maestro.run.RunEvent;
import dev.maestro.store.Store;
import dev.maestro.store.StoreException;
import dev.maestro.task.TaskId;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/** Whether what agents do is written down, and where that is read. */
public enum Transcripts {
  /** Nothing is written down. */
  OFF,
  /** One for each attempt, as Markdown, written while it goes on. */
  ON;

  /**
   * {@return what was written down of an attempt, as far as it came; empty when nothing was}
   *
   * @param events of the run, in order
   * @throws StoreException when a part of it is missing
   */
  public static Optional<String> read(
      List<RunEvent> events, TaskId task, int attempt, Store store) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    boolean any = false;
    for (RunEvent event : events) {
      if (event instanceof RunEvent.Transcribed part
          && part.task().equals(task)
          && part.attempt() == attempt) {
        all.writeBytes(bytes(part, store));
        any = true;
      }
    }
    return any ? Optional.of(all.toString(StandardCharsets.UTF_8)) : Optional.empty();
  }

  /** {@return the last attempt of the task that anything was written down of; 0 when none was} */
  public static int last(List<RunEvent> events, TaskId task) {
    return events.stream()
        .filter(RunEvent.Transcribed.class::isInstance)
        .map(RunEvent.Transcribed.class::cast)
        .filter(part -> part.task().equals(task))
        .mapToInt(RunEvent.Transcribed::attempt)
        .max()
        .orElse(0);
  }

  private static byte[] bytes(RunEvent.Transcribed part, Store store) {
    return store
        .blob(part.blob())
        .orElseThrow(
            () -> new StoreException("the transcript's part " + part.blob() + " is missing"));
  }
}
