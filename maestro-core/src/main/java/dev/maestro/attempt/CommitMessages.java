package dev.maestro.attempt;

import dev.maestro.run.Item;
import dev.maestro.run.Task;
import dev.maestro.workspace.CommitMessage;
import java.util.Optional;

/** Commit discipline: {@code feat: [Task ID] - [Summary]}, and who made it as trailers. */
final class CommitMessages {

  private static final int LONGEST = 120;

  private CommitMessages() {}

  static CommitMessage of(Task task) {
    return message("feat", task);
  }

  static CommitMessage ofMerge(Task task) {
    return message("chore", task);
  }

  private static CommitMessage message(String type, Task task) {
    Optional<Item> item = task.item();
    String id = item.map(Item::id).orElseGet(() -> task.id().value());
    String summary = item.map(Item::text).orElseGet(() -> task.step().displayTitle());
    String subject = type + ": " + id + (summary.equals(id) ? "" : " - " + oneLine(summary));
    return CommitMessage.of(
        subject.length() <= LONGEST ? subject : subject.substring(0, LONGEST - 1) + "…");
  }

  private static String oneLine(String text) {
    return text.strip().replaceAll("\\s+", " ");
  }
}
