package dev.maestro.attempt;

import dev.maestro.approval.Shown;
import dev.maestro.policy.Finding;
import dev.maestro.policy.Judgment;
import dev.maestro.policy.Numbers;
import dev.maestro.policy.Oversight;
import dev.maestro.policy.Place;
import dev.maestro.policy.Verdict;
import dev.maestro.run.RunEvent;
import dev.maestro.task.Reason;
import dev.maestro.task.Risk;
import dev.maestro.workspace.Checkpoint;
import dev.maestro.workspace.Workspace;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;

/** Has people agree to work as early as its risk wants, each time to what is at hand. */
final class Signoffs {

  /** What the rule is called in the chain of a run; its number is the risk, from 1 to 3. */
  static final String RULE = "sign-off";

  /** How much of what was returned is shown where there are files to be shown, too. */
  private static final int LONGEST_BESIDE_FILES = 1_000;

  private final RiskClassifier risks;

  Signoffs(RiskClassifier risks) {
    this.risks = risks;
  }

  /**
   * Stop an attempt whose work somebody has to agree to before it begins; what a further attempt is
   * told beside what the step says does not ask again.
   */
  void beforeAct(AttemptContext context) {
    Oversight oversight = context.policies().oversight();
    if (oversight.effectiveTiers().isEmpty()) {
      return;
    }
    Risk risk = risk(oversight, context);
    if (oversight.signoff(risk).beforeAct()) {
      String question = "May " + name(context) + " begin? " + says(risk);
      ask(Place.GUARDRAILS, risk, question, context.order(), context);
    } else {
      context.judge(Judgment.of(RULE, Place.GUARDRAILS, Verdict.proceed(), numbers(risk)));
    }
  }

  /** Stop a merge that somebody has to agree to. */
  void beforeMerge(
      AttemptContext context, Workspace workspace, Checkpoint before, Checkpoint merged)
      throws InterruptedException {
    Oversight oversight = context.policies().oversight();
    if (oversight.effectiveTiers().isEmpty()) {
      return;
    }
    Risk risk = risk(oversight, context);
    if (oversight.signoff(risk).beforeMerge(context.receipts().size())) {
      String question = "May the work of " + name(context) + " be merged? " + says(risk);
      String diff = workspace.diff(before, merged, ChangedLines.MOST);
      Shown shown = ofMerge(context.hidingInDiff(diff), workspace, before, merged);
      ask(Place.MERGE, risk, question, shown, context);
    } else {
      context.judge(Judgment.of(RULE, Place.MERGE, Verdict.proceed(), numbers(risk)));
    }
  }

  /** {@return what somebody is asked who looks at work before it is accepted, if somebody does} */
  Optional<Verdict.Ask> review(
      AttemptContext context, Workspace workspace, RunEvent.Checkpointed kept)
      throws InterruptedException {
    Oversight oversight = context.policies().oversight();
    boolean merges = context.step().mergeInto() != null;
    boolean tiers = oversight.effectiveTiers().isPresent();
    if (!oversight.review() && (merges || !tiers)) {
      return Optional.empty();
    }
    Risk risk = risk(oversight, context);
    boolean wanted = oversight.signoff(risk).beforeMerge(context.receipts().size());
    if (!oversight.review() && !wanted) {
      context.judge(Judgment.of(RULE, Place.CONFIDENCE, Verdict.proceed(), numbers(risk)));
      return Optional.empty();
    }
    String question = "Is the work of " + name(context) + " accepted? " + says(risk);
    Shown shown = work(workspace, kept.start(), kept.checkpoint(), context);
    Verdict.Ask ask = context.hiding(new Verdict.Ask(Reason.ESCALATED, question, shown));
    context.judge(Judgment.of(RULE, Place.CONFIDENCE, ask, numbers(risk)));
    return Optional.of(ask);
  }

  private static void ask(
      Place place, Risk risk, String question, Shown shown, AttemptContext context) {
    Verdict.Ask ask = new Verdict.Ask(Reason.ESCALATED, question, shown);
    Chain.obey(RULE, place, new Finding(ask, numbers(risk)), context);
  }

  private Risk risk(Oversight oversight, AttemptContext context) {
    Risk declared = oversight.effectiveRisk();
    Risk judged =
        Objects.requireNonNull(risks.classify(context), "the risk classifier said nothing");
    return judged.isAtLeast(declared) ? judged : declared;
  }

  /**
   * The trees are what is agreed to; which commits hold them says nothing about the files. Secrets
   * are taken out before it is cut, so that no half of one is left at the end.
   */
  static Shown files(Workspace workspace, Checkpoint from, Checkpoint to, AttemptContext context)
      throws InterruptedException {
    String diff = workspace.diff(from, to, ChangedLines.MOST);
    return Shown.of(context.hidingInDiff(diff), List.of(from.tree(), to.tree()));
  }

  /**
   * {@return what is agreed to of a merge: what it changes; where the branch has moved on in other
   * files, that is still the same}
   */
  static Shown ofMerge(String diff, Workspace workspace, Checkpoint before, Checkpoint merged)
      throws InterruptedException {
    List<String> trees = List.of(before.tree(), merged.tree());
    return Shown.of(diff, workspace.nameOfDifference(before, merged).map(List::of).orElse(trees));
  }

  /** What the step returned comes first: it may be all of its work, and others are told of it. */
  static Shown work(Workspace workspace, Checkpoint from, Checkpoint to, AttemptContext context)
      throws InterruptedException {
    Shown files = files(workspace, from, to, context);
    String returned = context.hiding(context.output());
    String text = files.text().isEmpty() ? returned : beginning(returned) + "\n\n" + files.text();
    String task = context.attempt().task().value();
    return Shown.of(text.strip(), List.of(task, context.output(), from.tree(), to.tree()));
  }

  private static String beginning(String text) {
    return text.length() <= LONGEST_BESIDE_FILES
        ? text
        : text.substring(0, LONGEST_BESIDE_FILES) + "…";
  }

  private static Numbers numbers(Risk risk) {
    return Numbers.of("risk", risk.ordinal() + 1L);
  }

  private static String name(AttemptContext context) {
    return "task " + context.attempt().task();
  }

  private static String says(Risk risk) {
    return "Its risk is " + risk.name().toLowerCase(Locale.ROOT) + ".";
  }
}
