package dev.maestro.run;

import dev.maestro.approval.Shown;
import dev.maestro.gate.Receipt;
import dev.maestro.task.TaskId;
import dev.maestro.task.Usage;
import dev.maestro.workspace.Checkpoint;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an approval step asks about beside its own words: what the tasks that it waits for have made
 * and returned, by which gates it passed, what it has cost, what may follow, and what has changed.
 *
 * <p>A yes is bound to the question, to the files and values, and to what may follow it; what they
 * have cost is told and not agreed to.
 */
final class WorkBefore {

  private static final int LONGEST_VALUE = 1_000;

  private WorkBefore() {}

  /**
   * {@return what is shown, or null where no task has made or returned anything and nothing that
   * costs follows}
   */
  static @Nullable Shown of(Task task, RunInput.Ask ask, WorkAhead ahead, RunState state) {
    StringBuilder text = new StringBuilder();
    List<String> things = new ArrayList<>();
    for (TaskId id : task.dependencies()) {
      Task before = state.require(id);
      if (before.checkpoint().isPresent() || before.output().isPresent()) {
        describe(before, text);
        things.add(id.value());
        things.add(before.checkpoint().map(Checkpoint::tree).orElse(""));
        things.add(before.output().map(WorkBefore::nameOf).orElse(""));
      }
    }
    if (!ahead.isNothing()) {
      text.append(ahead.text()).append('\n');
      things.addAll(ahead.things());
    }
    // last, because it is what is cut
    if (ask.diff() != null) {
      text.append(ask.diff().text());
      things.add(ask.diff().hash());
    }
    if (things.isEmpty()) {
      return null;
    }
    things.add(0, ask.text());
    return Shown.of(text.toString().stripTrailing(), things);
  }

  private static String nameOf(Value value) {
    return value instanceof Value.Stored stored
        ? stored.blob().hex()
        : Value.textOf(((Value.Inline) value).json());
  }

  private static void describe(Task task, StringBuilder text) {
    text.append(task.id());
    task.checkpoint()
        .ifPresent(
            made ->
                text.append(": ")
                    .append(task.changed())
                    .append(" files changed, in checkpoint ")
                    .append(made.id()));
    List<String> passed =
        task.receipts().stream().filter(Receipt::passed).map(Receipt::gate).toList();
    if (!passed.isEmpty()) {
      text.append("; passed: ").append(String.join(", ", passed));
    }
    cost(task.reusedUsage().orElseGet(task::usage), text);
    text.append('\n');
    task.output().ifPresent(value -> text.append(shortened(value).indent(2)));
  }

  private static void cost(Usage usage, StringBuilder text) {
    if (!usage.isNothing()) {
      text.append("; used ")
          .append(usage.tokens())
          .append(" tokens, ")
          .append(usage.cost().decimal())
          .append(usage.presumed() ? " usd, as is presumed" : " usd");
    }
  }

  private static String shortened(Value value) {
    if (value instanceof Value.Stored stored) {
      return "returned " + stored.bytes() + " bytes, which the store keeps as " + stored.blob();
    }
    String all = nameOf(value);
    return all.length() <= LONGEST_VALUE ? all : all.substring(0, LONGEST_VALUE) + "…";
  }
}
