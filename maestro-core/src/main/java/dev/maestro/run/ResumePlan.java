package dev.maestro.run;

import dev.maestro.pipeline.Pipeline;
import dev.maestro.pipeline.Step;
import dev.maestro.store.BlobId;
import dev.maestro.task.RunKey;
import dev.maestro.task.TaskId;
import dev.maestro.task.Usage;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of every task of a run when it goes on with an edited pipeline or other inputs, and
 * what that costs; nothing has been changed yet.
 *
 * <p>A run that has not ended goes on itself. One that has ended is never opened again: from its
 * plan a new run is made, a fork. A plan holds what it was made for, and is refused as stale when
 * the run has moved on so that its lines would be others. It names tasks, steps and inputs, and
 * holds the values of inputs, which are journaled anyway; secrets are neither.
 *
 * @param run which run it is about
 * @param forks whether accepting it makes a new run
 * @param at the task a fork is to begin at, or null; what it is inside of goes on with it
 * @param pipeline what the run is to go on with
 * @param inputHash what tells one set of inputs from another
 * @param inputs by name, to go on with
 * @param lines one a task: those of the pipeline in its order, then added ones, then orphans
 */
public record ResumePlan(
    RunKey run,
    boolean forks,
    @Nullable TaskId at,
    Pipeline pipeline,
    String inputHash,
    Map<String, Value> inputs,
    List<Line> lines) {

  /** Copy the map and the list, keeping their order. */
  public ResumePlan {
    Objects.requireNonNull(run, "run");
    Objects.requireNonNull(pipeline, "pipeline");
    Objects.requireNonNull(inputHash, "inputHash");
    inputs = Collections.unmodifiableMap(new LinkedHashMap<>(inputs));
    lines = List.copyOf(lines);
  }

  /** The four things that can become of a task. */
  public enum Group {
    /** It keeps what it has: nothing of it is done again. */
    REUSE,
    /** It had begun, and begins anew. */
    RERUN,
    /** It is dropped: the pipeline has no place for it any more. */
    ORPHANED,
    /** It has yet to be done for the first time. */
    NEW
  }

  /** Why a task is in its group. */
  public enum Cause {
    /** Nothing it was made from has changed. */
    DONE("is done"),
    /** Nothing it was made from has changed; it goes on where it is. */
    GOES_ON("goes on where it is"),
    /** Its step says something else now. */
    STEP_CHANGED("its step has changed"),
    /** A value it uses is another now. */
    INPUT_CHANGED("an input it uses has changed"),
    /** Something it waits for is done again. */
    BEHIND("is behind a task that is done anew"),
    /** It had failed. */
    FAILED("had failed"),
    /** It was not done when the run it is taken from was left. */
    UNFINISHED("was not finished"),
    /** The fork was asked for from here on. */
    FORKED_HERE("the fork begins here"),
    /** The pipeline has no such step any more. */
    STEP_GONE("its step is gone"),
    /** What added it is done anew, and may add it again. */
    ADDED_ANEW("what added it is done anew"),
    /** Its step is there for the first time. */
    STEP_NEW("its step is new"),
    /** It had not begun. */
    NOT_BEGUN("has not begun yet");

    private final String words;

    Cause(String words) {
      this.words = words;
    }
  }

  /**
   * What becomes of one task.
   *
   * @param task which
   * @param group what becomes of it
   * @param cause why
   * @param detail which input, or which task before it; or null
   * @param usage what it used up when it was last done: what is saved, or what is to be expected;
   *     null when no run tells
   */
  public record Line(
      TaskId task, Group group, Cause cause, @Nullable String detail, @Nullable Usage usage) {

    /** Check that nothing required is missing. */
    public Line {
      Objects.requireNonNull(task, "task");
      Objects.requireNonNull(group, "group");
      Objects.requireNonNull(cause, "cause");
    }

    /** {@return why, in words} */
    public String why() {
      return detail == null ? cause.words : cause.words + " (" + detail + ")";
    }

    @Override
    public String toString() {
      return group + " " + task + ": " + why();
    }
  }

  /**
   * What tasks used up when they were last done.
   *
   * @param known of all of those together that is known of
   * @param unknown the tasks that no run tells anything of
   */
  public record Cost(Usage known, List<TaskId> unknown) {

    /** Copy the list. */
    public Cost {
      Objects.requireNonNull(known, "known");
      unknown = List.copyOf(unknown);
    }

    @Override
    public String toString() {
      String sum = known.cost() + " and " + known.tokens() + " tokens" + presumed(known);
      return unknown.isEmpty() ? sum : sum + ", and what is unknown of " + unknown;
    }
  }

  /**
   * {@return what becomes of the tasks of a run}
   *
   * @param state the run as it is
   * @param at the task that a fork is to begin at, or null for the run itself, or a fork of all of
   *     it when it has ended
   * @param next what it is to go on with
   * @param inputHash what tells these inputs from others
   * @param inputs by name
   */
  public static ResumePlan of(
      RunState state,
      @Nullable TaskId at,
      Pipeline next,
      String inputHash,
      Map<String, Value> inputs) {
    boolean forks = at != null || state.status().isTerminal();
    List<Line> lines = new Replanning(state, next, inputs, at, forks).lines();
    return new ResumePlan(state.key(), forks, at, next, inputHash, inputs, lines);
  }

  /** {@return the hash of the pipeline that the run is to go on with} */
  public BlobId definition() {
    return pipeline.hash();
  }

  /** {@return the lines of one group} */
  public List<Line> lines(Group group) {
    return lines.stream().filter(line -> line.group == group).toList();
  }

  /** {@return the tasks of one group} */
  public List<TaskId> tasks(Group group) {
    return lines(group).stream().map(Line::task).toList();
  }

  /** {@return the tasks that are in their group for this cause} */
  Set<TaskId> tasks(Cause cause) {
    return lines.stream()
        .filter(line -> line.cause == cause)
        .map(Line::task)
        .collect(Collectors.toSet());
  }

  /** {@return the line of this task, if there is one} */
  public Optional<Line> line(TaskId task) {
    return lines.stream().filter(line -> line.task.equals(task)).findFirst();
  }

  /** {@return what the tasks of these groups used up when they were last done} */
  public Cost cost(Group... groups) {
    List<Group> wanted = List.of(groups);
    List<Line> counted = lines.stream().filter(line -> wanted.contains(line.group)).toList();
    Usage known =
        counted.stream()
            .flatMap(line -> Optional.ofNullable(line.usage).stream())
            .reduce(Usage.NONE, Usage::plus);
    List<TaskId> unknown =
        counted.stream().filter(line -> line.usage == null).map(Line::task).toList();
    return new Cost(known, unknown);
  }

  /** {@return the same plan, with what other runs tell of steps that this one knows nothing of} */
  public ResumePlan costing(Function<Step, Optional<Usage>> history) {
    List<Line> costed =
        lines.stream().map(line -> line.usage == null ? costing(line, history) : line).toList();
    return new ResumePlan(run, forks, at, pipeline, inputHash, inputs, costed);
  }

  private Line costing(Line line, Function<Step, Optional<Usage>> history) {
    Usage usage = pipeline.step(line.task.value()).flatMap(history).orElse(null);
    return new Line(line.task, line.group, line.cause, line.detail, usage);
  }

  /** {@return whether both say the same of every task, whatever other runs tell of costs} */
  boolean agrees(ResumePlan other) {
    return forks == other.forks
        && lines.stream()
            .map(ResumePlan::withoutUsage)
            .toList()
            .equals(other.lines.stream().map(ResumePlan::withoutUsage).toList());
  }

  /** What nobody has told is what was put aside for it. */
  private static String presumed(Usage usage) {
    return usage.presumed() ? " (presumed)" : "";
  }

  private static Line withoutUsage(Line line) {
    return new Line(line.task, line.group, line.cause, line.detail, null);
  }

  /** {@return a table for people} */
  public String text() {
    List<String> rows = new ArrayList<>();
    rows.add(forks ? "a fork of run " + run + " begins with:" : "run " + run + " goes on with:");
    for (Line line : lines) {
      String cost = line.usage == null ? "cost unknown" : line.usage.cost() + presumed(line.usage);
      rows.add("  %-8s %-24s %-10s %s".formatted(line.group, line.task, cost, line.why()));
    }
    rows.add("saved: " + cost(Group.REUSE));
    rows.add("to be done, by history: " + cost(Group.RERUN, Group.NEW));
    return String.join("\n", rows);
  }
}
