package dev.maestro.hosted;

import dev.maestro.Claim;
import dev.maestro.RefusedException;
import dev.maestro.Run;
import dev.maestro.RunResult;
import dev.maestro.attempt.Handout;
import dev.maestro.pipeline.Action;
import dev.maestro.pipeline.Step;
import dev.maestro.run.Claimed;
import dev.maestro.run.RunSnapshot;
import dev.maestro.run.Task;
import dev.maestro.task.Actor;
import dev.maestro.task.RunId;
import dev.maestro.task.RunStatus;
import dev.maestro.task.TaskId;
import dev.maestro.task.TaskState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One asking for work; for the one thread that asks. */
final class NextStep {

  private static final String PLACE_TAKEN = "place-taken";

  private final Hosted hosted;
  private final Run run;
  private final Actor actor;
  private final int most;
  // what was not to be had when it was tried
  private final Set<TaskId> tried = new HashSet<>();
  private @Nullable String refusal;

  NextStep(Hosted hosted, Run run, Actor actor, int most) {
    this.hosted = hosted;
    this.run = run;
    this.actor = actor;
    this.most = most;
  }

  Reply ask() throws InterruptedException {
    Optional<Reply> reply = hosted.changes().await(this::look, hosted.patience());
    return reply.isPresent() ? reply.get() : rest(run.snapshot());
  }

  /** {@return the answer; empty while it is worth to wait for what Maestro is at} */
  private Optional<Reply> look() {
    RunSnapshot now = run.snapshot();
    while (!now.status().isTerminal()) {
      List<HostedStep> steps = inHand(now);
      addOpen(now, steps);
      if (!steps.isEmpty()) {
        return Optional.of(new Reply.Work(id(), steps));
      }
      RunSnapshot later = run.snapshot();
      if (later.sequence() == now.sequence()) {
        return isGoingOn(now) ? Optional.empty() : Optional.of(rest(now));
      }
      // there may be something by now
      now = later;
    }
    return Optional.of(ended(now));
  }

  private RunId id() {
    return run.key().run();
  }

  // ------------------------------------------------------------------ handing out

  private List<HostedStep> inHand(RunSnapshot now) {
    List<HostedStep> steps = new ArrayList<>();
    for (Task task : now.tasks()) {
      if (steps.size() < most && isMine(task) && isForHosts(task)) {
        again(task).ifPresent(steps::add);
      }
    }
    return steps;
  }

  private void addOpen(RunSnapshot now, List<HostedStep> steps) {
    List<Task> open = now.tasks().stream().filter(this::isOpen).sorted(byPriority()).toList();
    for (Task task : open) {
      if (steps.size() < most && tried.add(task.id())) {
        claim(task).ifPresent(steps::add);
      }
    }
  }

  private boolean isMine(Task task) {
    return task.claim().map(Claimed::actor).filter(actor::equals).isPresent();
  }

  private boolean isOpen(Task task) {
    return task.awaitsClaim() && isForHosts(task);
  }

  private static boolean isForHosts(Task task) {
    Action action = task.step().action();
    return action instanceof Action.Agent || action instanceof Action.Plan;
  }

  private static Comparator<Task> byPriority() {
    return Comparator.comparing(task -> task.step().priority().value());
  }

  private Optional<HostedStep> again(Task task) {
    try {
      Optional<Claim> claim = run.claimed(task.id(), actor);
      return claim.isEmpty()
          ? Optional.empty()
          : handOut(task, claim.get().renew(length(task.step())));
    } catch (RefusedException e) {
      refusal = e.getMessage();
      return Optional.empty();
    }
  }

  private Optional<HostedStep> claim(Task task) {
    try {
      Optional<Claim> claim = run.claim(task.id(), actor, length(task.step()));
      return claim.isEmpty() ? Optional.empty() : handOut(task, claim.get());
    } catch (RefusedException e) {
      if (e.code().equals(PLACE_TAKEN)) {
        // worth another try when something has changed
        tried.remove(task.id());
      }
      refusal = e.getMessage();
      return Optional.empty();
    }
  }

  private static Optional<HostedStep> handOut(Task task, Claim claim) {
    Optional<Handout.Brief> brief = claim.brief();
    return brief.map(told -> HostedStep.of(task, claim, told));
  }

  private Duration length(Step step) {
    return hosted.lease(step.limits().total());
  }

  // ------------------------------------------------------------------ nothing to hand out

  /** Gates that run, and a back-off that ends soon, may lead to work. */
  private static boolean isGoingOn(RunSnapshot now) {
    return now.status() != RunStatus.PAUSED
        && now.tasks().stream()
            .anyMatch(task -> task.isActive() || task.isReady() || backsOff(task));
  }

  private static boolean backsOff(Task task) {
    return task.state() == TaskState.FAILED && task.until().isPresent() && task.claim().isEmpty();
  }

  private Reply rest(RunSnapshot now) {
    return now.status().isTerminal()
        ? ended(now)
        : new Reply.Waiting(id(), why(now), until(now), now.questions());
  }

  private String why(RunSnapshot now) {
    if (now.status() == RunStatus.PAUSED) {
      return "the run is paused" + (now.detail() == null ? "" : ", " + now.detail());
    } else if (!now.questions().isEmpty()) {
      return "a person has to answer";
    } else if (refusal != null) {
      return refusal;
    } else if (now.tasks().stream().anyMatch(task -> task.claim().isPresent())) {
      return "what is ready is with other hosts";
    }
    return isGoingOn(now) ? "Maestro is at work" : whatStandsStill(now);
  }

  private static String whatStandsStill(RunSnapshot now) {
    return now.tasks().stream()
        .filter(task -> task.state() == TaskState.BLOCKED || task.state() == TaskState.PAUSED)
        .findFirst()
        .map(
            task ->
                "step "
                    + task.id()
                    + " is "
                    + task.state()
                    + task.detail().map(": "::concat).orElse(""))
        .orElse("nothing is ready");
  }

  private static @Nullable Instant until(RunSnapshot now) {
    return now.tasks().stream()
        .flatMap(task -> task.until().stream())
        .min(Comparator.naturalOrder())
        .orElse(null);
  }

  private Reply ended(RunSnapshot now) {
    return new Reply.Ended(
        id(), now.status(), Objects.requireNonNullElse(now.detail(), ""), outputs(now));
  }

  private Map<String, String> outputs(RunSnapshot now) {
    RunResult result = run.result();
    Map<String, String> outputs = new LinkedHashMap<>();
    for (Task task : now.tasks()) {
      String name = task.step().output();
      if (name != null && task.parent().isEmpty() && task.item().isEmpty()) {
        result.text(name).ifPresent(text -> outputs.putIfAbsent(name, text));
      }
    }
    return outputs;
  }
}
