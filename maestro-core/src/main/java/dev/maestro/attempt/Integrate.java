package dev.maestro.attempt;

import dev.maestro.approval.Shown;
import dev.maestro.gate.Receipt;
import dev.maestro.policy.Finding;
import dev.maestro.policy.Place;
import dev.maestro.policy.Verdict;
import dev.maestro.run.IntegrateResult;
import dev.maestro.run.RunEvent;
import dev.maestro.run.RunInput;
import dev.maestro.run.Task;
import dev.maestro.run.Trouble;
import dev.maestro.store.StoreException;
import dev.maestro.task.Reason;
import dev.maestro.workspace.Advance;
import dev.maestro.workspace.Checkpoint;
import dev.maestro.workspace.MergeRequest;
import dev.maestro.workspace.Merging;
import dev.maestro.workspace.Workspace;
import java.util.List;
import java.util.Optional;

/** The third phase: the work is merged, the gates run on the merged files, and the branch moves. */
final class Integrate {

  /** Others who merge into the branch at the same time are quicker only so often. */
  private static final int MOST_RACES = 20;

  private final Tools tools;
  private final Gates gates;
  private final Chain chain;
  private final Signoffs signoffs;

  Integrate(Tools tools, Gates gates) {
    this.tools = tools;
    this.gates = gates;
    this.chain = new Chain(tools.registered());
    this.signoffs = new Signoffs(tools.risks());
  }

  IntegrateResult run(Assignment a) throws InterruptedException {
    try {
      return integrate(a);
    } catch (StoppedException e) {
      return e.verdict() instanceof Verdict.Ask ask
          ? new IntegrateResult.Asks(ask)
          : blocked(stopped(e.verdict()));
    } catch (SupersededException | StoreException e) {
      throw e;
    } catch (RuntimeException e) {
      return blocked(Attempts.unexpected(e, Secrets.toHide(a, tools.secrets())));
    }
  }

  private IntegrateResult integrate(Assignment a) throws InterruptedException {
    Task task = a.task();
    if (task.isReviewed()) {
      accept(a);
    }
    if (task.step().mergeInto() == null) {
      return new IntegrateResult.Accepted();
    }
    return merge(a, task, task.step().mergeInto());
  }

  /** What a person has looked at becomes the task's result only now; called again after a crash. */
  private void accept(Assignment a) throws InterruptedException {
    if (a.task().checkpoint().isPresent()) {
      try (Workspace workspace = Opened.again(a, tools.workspaces())) {
        workspace.accept(a.task().checkpoint().get());
      }
    }
  }

  private IntegrateResult merge(Assignment a, Task task, String branch)
      throws InterruptedException {
    List<Checkpoint> sources = task.checkpoint().map(List::of).orElse(a.workspace().bases());
    if (sources.isEmpty()) {
      return blocked(
          Trouble.of(
              Reason.MERGE_CONFLICT, "nothing before " + task.id() + " made anything to merge"));
    }
    MergeRequest request =
        new MergeRequest(
            a.attempt().key(),
            task.id(),
            branch,
            sources,
            new CommitMessages(tools.commits()).ofMerge(task));
    Optional<IntegrateResult> finished = finishWhatWasBegun(a, request);
    for (int race = 0; finished.isEmpty() && race < MOST_RACES; race++) {
      finished = mergeOnce(a, request);
    }
    return finished.orElseGet(
        () ->
            blocked(
                Trouble.of(
                    Reason.MERGE_CONFLICT,
                    branch + " was moved by somebody else " + MOST_RACES + " times in a row")));
  }

  /**
   * After a crash the branch may have moved already, and its working tree may not have followed.
   */
  private Optional<IntegrateResult> finishWhatWasBegun(Assignment a, MergeRequest request)
      throws InterruptedException {
    if (a.task().merging().isEmpty()) {
      return Optional.empty();
    }
    RunEvent.Merging begun = a.task().merging().get();
    return advance(a, request, begun.before(), begun.merged());
  }

  /** {@return the outcome, or empty when the branch was moved meanwhile} */
  private Optional<IntegrateResult> mergeOnce(Assignment a, MergeRequest request)
      throws InterruptedException {
    Merging merging =
        SteadyWorkspace.steadily(a.cancellation(), () -> tools.workspaces().merge(request));
    if (merging instanceof Merging.Conflict conflict) {
      return Optional.of(
          blocked(
              Trouble.of(
                  Reason.MERGE_CONFLICT,
                  conflict.message() + ": " + Lists.inOneLine(conflict.paths()))));
    } else if (merging instanceof Merging.Refused refused) {
      return Optional.of(blocked(Trouble.of(Reason.MERGE_CONFLICT, refused.message())));
    }
    Merging.Candidate candidate = (Merging.Candidate) merging;
    try (Workspace workspace = new SteadyWorkspace(candidate.workspace(), a.cancellation())) {
      return checkAndAdvance(a, candidate, workspace);
    }
  }

  private Optional<IntegrateResult> checkAndAdvance(
      Assignment a, Merging.Candidate candidate, Workspace workspace) throws InterruptedException {
    if (candidate.merged().id().equals(candidate.before().id())) {
      return Optional.of(new IntegrateResult.Merged(candidate.merged()));
    }
    List<Receipt> receipts = gates.run(a, workspace, candidate.before(), candidate.merged());
    Optional<Trouble> trouble = Gates.trouble(receipts);
    if (trouble.isPresent()) {
      return Optional.of(new IntegrateResult.GatesFailed(receipts, trouble.get()));
    }
    AttemptContext context = new AttemptContext(a);
    context.hides(Secrets.whereRulesSpeak(a, tools.secrets()));
    context.worksIn(workspace);
    context.changed(workspace.changes(candidate.before(), candidate.merged()));
    context.checkedBy(receipts);
    context.shows(() -> Signoffs.files(workspace, candidate.before(), candidate.merged(), context));
    chain.ask(Place.MERGE, context);
    agreedMerge(a, workspace, candidate, context);
    signoffs.beforeMerge(context, workspace, candidate.before(), candidate.merged());
    a.journal()
        .record(
            new RunInput.PrepareMerge(
                new RunEvent.Merging(
                    tools.time().instant(),
                    a.task().id(),
                    candidate.request().branch(),
                    candidate.before(),
                    candidate.merged(),
                    receipts),
                a.judgments().take()));
    return advance(a, candidate.request(), candidate.before(), candidate.merged());
  }

  /**
   * A yes to an approval step is about what it showed: what merges otherwise is asked about. Other
   * files of the branch may have changed meanwhile; that is what gates look at again.
   */
  private void agreedMerge(
      Assignment a, Workspace workspace, Merging.Candidate candidate, AttemptContext context)
      throws InterruptedException {
    Optional<String> agreed = a.task().agreedMerge();
    if (agreed.isEmpty()) {
      return;
    }
    String diff = workspace.diff(candidate.before(), candidate.merged(), ChangedLines.MOST);
    String text = Secrets.toHide(a, tools.secrets()).applyToDiff(diff);
    Shown now = Signoffs.ofMerge(text, workspace, candidate.before(), candidate.merged());
    // releases before this one have bound a yes to the trees
    Shown exactly = Shown.of(text, List.of(candidate.before().tree(), candidate.merged().tree()));
    if (!now.hash().equals(agreed.get()) && !exactly.hash().equals(agreed.get())) {
      String question =
          "What task %s merges into %s is not what was agreed to any more. May it be merged as it is now?"
              .formatted(a.task().id(), candidate.request().branch());
      Verdict.Ask ask = new Verdict.Ask(Reason.ESCALATED, question, now);
      Chain.obey("approval", Place.MERGE, Finding.of(ask), context);
    }
  }

  private Optional<IntegrateResult> advance(
      Assignment a, MergeRequest request, Checkpoint before, Checkpoint merged)
      throws InterruptedException {
    Advance advance =
        SteadyWorkspace.steadily(
            a.cancellation(), () -> tools.workspaces().advance(request, before, merged));
    if (advance instanceof Advance.Advanced) {
      return Optional.of(new IntegrateResult.Merged(merged));
    } else if (advance instanceof Advance.Refused refused) {
      return Optional.of(blocked(Trouble.of(Reason.MERGE_CONFLICT, refused.message())));
    }
    return Optional.empty();
  }

  private static Trouble stopped(Verdict verdict) {
    if (verdict instanceof Verdict.Refuse refuse) {
      return Trouble.of(refuse.reason(), refuse.why());
    }
    return Trouble.of(Reason.ERROR, "integrate cannot be put off, but a rule said " + verdict);
  }

  private static IntegrateResult blocked(Trouble trouble) {
    return new IntegrateResult.Blocked(trouble);
  }
}
