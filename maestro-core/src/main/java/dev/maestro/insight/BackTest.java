package dev.maestro.insight;

import dev.maestro.policy.Policies;
import dev.maestro.run.Task;
import dev.maestro.task.Money;
import dev.maestro.task.TaskId;
import dev.maestro.task.Usage;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A recorded run under another set of policies, without calling anyone: which attempts would have
 * been asked about, stopped, put off or degraded, and what it would have cost.
 *
 * <p>Each attempt is judged with what the journal holds of it. A rule that was on then, unchanged,
 * answers what it answered then, so that the same policies give the true figures exactly. A rule
 * that is new is asked about what was recorded: the prompt, the output, the risk, the number of
 * gates that passed, the score and what it was compared with, the failures of a task, and what
 * launches have used up. What the journal does not hold, such as which files changed or what tools
 * were used, is {@link Outcome#UNKNOWN} and never guessed; so is what would have come of an attempt
 * that a rule stopped which is off now. Interceptors are the application's own and answer as they
 * did.
 *
 * <p>Nor is it guessed what stood in a text where a secret was taken out of it, or how risky an
 * application that judges risk would have judged work that nobody had to sign off then. How many
 * secrets there were is recorded where a {@link dev.maestro.policy.SecretGuard} was on.
 *
 * <p>A rule that lets no further attempt follow (a breaker, a ceiling, the end of a ladder) counts
 * as having stopped the attempt that it was asked after. What another model would have made of a
 * task is not known, so an attempt that a ladder would have put on another route is {@code
 * UNKNOWN}. Another budget takes the place of the innermost one around a task, and is its own
 * task's where there was none; a launch that used up more than it would have been given is {@code
 * UNKNOWN}. Failure windows, and when a task goes on after a quota, are about time and not tried
 * again.
 *
 * <p>What follows an attempt that would have gone otherwise would have been another run: those
 * attempts of the same task, of what is inside of it, and of what stands behind it or behind what
 * it is inside of, are not certain.
 *
 * @param lines one for each attempt, in the order in which they began
 */
public record BackTest(List<Line> lines) {

  /**
   * One attempt.
   *
   * @param task of which task
   * @param attempt its number
   * @param was what rules made of it
   * @param would what the other policies would have made of it
   * @param rule the rule that says so, or nothing when none held it up
   * @param usage what it used up
   * @param certain whether nothing before it would have gone otherwise
   * @param spared whether what would have stopped it stands before its launch, so that it would
   *     have used up nothing
   */
  public record Line(
      TaskId task,
      int attempt,
      Outcome was,
      Outcome would,
      String rule,
      Usage usage,
      boolean certain,
      boolean spared) {

    /** {@return whether it would have gone otherwise} */
    public boolean differs() {
      return was != would;
    }
  }

  /** Copy the list. */
  public BackTest {
    lines = List.copyOf(lines);
  }

  /**
   * {@return the run under other policies}
   *
   * @param other makes of what held for an attempt what is to hold for it
   */
  public static BackTest of(RecordedRun run, UnaryOperator<Policies> other) {
    JournalReader journal = new JournalReader(run);
    List<Line> lines = new ArrayList<>();
    Otherwise otherwise = new Otherwise(journal::task);
    for (AttemptRecord attempt : journal.attempts()) {
      Policies now = other.apply(attempt.policies);
      Retrial retrial = new Retrial(attempt, now, run);
      boolean certain = !otherwise.reaches(attempt.task);
      Line line =
          new Line(
              attempt.id(),
              attempt.number,
              attempt.was,
              retrial.outcome(),
              retrial.rule(),
              attempt.usage,
              certain,
              retrial.isSpared());
      lines.add(line);
      if (line.differs() || !certain) {
        otherwise.add(attempt.task);
      }
    }
    return new BackTest(lines);
  }

  /**
   * The tasks that would have gone otherwise. Attempts come in the order of their begin, so that
   * what one waited for is known before it.
   */
  private static final class Otherwise {

    private final Function<TaskId, Optional<Task>> tasks;
    private final Set<TaskId> begun = new HashSet<>();
    private final Set<TaskId> otherwise = new HashSet<>();
    // those with something inside of them that would have gone otherwise
    private final Set<TaskId> around = new HashSet<>();

    Otherwise(Function<TaskId, Optional<Task>> tasks) {
      this.tasks = tasks;
    }

    /** {@return whether the task is one of them, is inside of one, or waited for one} */
    boolean reaches(Task task) {
      begun.add(task.id());
      return isOne(task.id()) || waitedForOne(task);
    }

    /** What is around a task has not ended as it did when something inside of it has not. */
    void add(Task task) {
      otherwise.add(task.id());
      for (TaskId id = task.id(); id != null; id = parent(id)) {
        around.add(id);
      }
    }

    /** What has no attempts, such as an approval, is looked through. */
    private boolean waitedForOne(Task task) {
      Deque<TaskId> open = new ArrayDeque<>(task.dependencies());
      Set<TaskId> seen = new HashSet<>(open);
      while (!open.isEmpty()) {
        TaskId id = open.pop();
        if (isOne(id)) {
          return true;
        } else if (!begun.contains(id)) {
          tasks.apply(id).map(Task::dependencies).orElse(List.of()).stream()
              .filter(seen::add)
              .forEach(open::push);
        }
      }
      return false;
    }

    private boolean isOne(TaskId task) {
      TaskId id = around.contains(task) ? null : parent(task);
      while (id != null && !otherwise.contains(id)) {
        id = parent(id);
      }
      return id != null || around.contains(task);
    }

    private @Nullable TaskId parent(TaskId id) {
      return tasks.apply(id).flatMap(Task::parent).orElse(null);
    }
  }

  /** {@return how many attempts would have come to this} */
  public long count(Outcome would) {
    return lines.stream().filter(line -> line.would() == would).count();
  }

  /** {@return how many attempts came to this} */
  public long counted(Outcome was) {
    return lines.stream().filter(line -> line.was() == was).count();
  }

  /** {@return what it did cost} */
  public Money cost() {
    return sum(lines);
  }

  /** {@return what it would have cost for certain: attempts that would have gone as they did} */
  public Money certainCost() {
    return sum(lines.stream().filter(line -> line.certain() && !line.differs()).toList());
  }

  /**
   * {@return what of the recorded cost it would have come to at most: all but that of launches
   * before which a rule would have stopped the attempt; what is stopped later has been paid for}
   */
  public Money mostCost() {
    return sum(lines.stream().filter(line -> !line.spared()).toList());
  }

  /**
   * {@return whether any of what it cost is only presumed, so that the same is true of the other
   * sums}
   */
  public boolean isPresumed() {
    return lines.stream().anyMatch(line -> line.usage().presumed());
  }

  private static Money sum(List<Line> some) {
    return some.stream().map(line -> line.usage().cost()).reduce(Money.ZERO, Money::plus);
  }
}
