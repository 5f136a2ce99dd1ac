package dev.maestro.policy;

import dev.maestro.task.Actor;
import dev.maestro.task.RunId;
import dev.maestro.task.TaskId;
import dev.maestro.task.Tenant;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The scores that an {@link EvalGate} compares with: of one step of the pipelines of one name, as
 * one judge said them.
 *
 * <p>Each task of a run has one: that of its latest attempt. So noting a score again changes
 * nothing. A run is not compared with itself: elements of a list are tasks of their own, and
 * compared with what earlier runs scored, not with each other.
 *
 * @param tenant whose it is
 * @param pipeline the name of the pipeline
 * @param step the step, with those it is inside of before it: {@code build/test}
 * @param scoredBy which judge
 * @param scores the newest last
 * @param begun who let it begin anew last, or null when nobody has
 */
public record Baseline(
    Tenant tenant,
    String pipeline,
    String step,
    String scoredBy,
    List<Score> scores,
    @Nullable Begun begun) {

  /**
   * What is usual was to be found out anew.
   *
   * @param at when
   * @param actor who said so
   */
  public record Begun(Instant at, Actor actor) {

    /** Check that nothing is missing. */
    public Begun {
      Objects.requireNonNull(at, "at");
      Objects.requireNonNull(actor, "actor");
    }
  }

  /**
   * What one attempt scored.
   *
   * @param run of which run
   * @param task of which task
   * @param attempt its number
   * @param score from 0 to 1
   */
  public record Score(RunId run, TaskId task, int attempt, double score) {

    /** Check that nothing is missing. */
    public Score {
      Objects.requireNonNull(run, "run");
      Objects.requireNonNull(task, "task");
      EvalGate.requireScore(score);
    }

    private boolean isOf(RunId otherRun, TaskId otherTask) {
      return run.equals(otherRun) && task.equals(otherTask);
    }
  }

  /** Copy the list. */
  public Baseline {
    Objects.requireNonNull(tenant, "tenant");
    Objects.requireNonNull(pipeline, "pipeline");
    Objects.requireNonNull(step, "step");
    Objects.requireNonNull(scoredBy, "scoredBy");
    scores = List.copyOf(scores);
  }

  /** {@return a baseline without scores} */
  public static Baseline of(Tenant tenant, String pipeline, String step, String scoredBy) {
    return new Baseline(tenant, pipeline, step, scoredBy, List.of(), null);
  }

  /** {@return what a run is compared with: what others scored, oldest first} */
  public List<Double> without(RunId run) {
    return scores.stream().filter(one -> !one.run().equals(run)).map(Score::score).toList();
  }

  /**
   * {@return the baseline with this score instead of an earlier one of its task}
   *
   * @param atMost how many are kept, the newest: of this run, and of all others together, which a
   *     long list is to be compared with to its end
   */
  public Baseline with(Score score, int atMost) {
    if (scores.contains(score)) {
      return this;
    }
    List<Score> all = new ArrayList<>(forgetting(score.run(), score.task()).scores);
    all.add(score);
    List<Score> own = newest(all, atMost, one -> one.run().equals(score.run()));
    List<Score> others = newest(all, atMost, one -> !one.run().equals(score.run()));
    return scores(all.stream().filter(one -> own.contains(one) || others.contains(one)).toList());
  }

  private static List<Score> newest(List<Score> all, int atMost, Predicate<Score> which) {
    List<Score> some = all.stream().filter(which).toList();
    return some.subList(Math.max(0, some.size() - atMost), some.size());
  }

  /** {@return the baseline without what this task scored} */
  public Baseline forgetting(RunId run, TaskId task) {
    return scores(scores.stream().filter(one -> !one.isOf(run, task)).toList());
  }

  /** {@return the baseline without scores, because somebody said so} */
  public Baseline beginningAnew(Begun said) {
    return new Baseline(tenant, pipeline, step, scoredBy, List.of(), said);
  }

  private Baseline scores(List<Score> others) {
    return new Baseline(tenant, pipeline, step, scoredBy, others, begun);
  }
}
