package dev.maestro.attempt;

import com.fasterxml.jackson.databind.JsonNode;
import dev.maestro.agent.AgentEvent;
import dev.maestro.agent.AgentListener;
import dev.maestro.agent.AgentProvider;
import dev.maestro.agent.AgentReply;
import dev.maestro.agent.AgentRequest;
import dev.maestro.agent.Capability;
import dev.maestro.agent.PermissionDecision;
import dev.maestro.agent.PermissionRequest;
import dev.maestro.agent.Route;
import dev.maestro.agent.SessionId;
import dev.maestro.failure.ErrorClass;
import dev.maestro.failure.Failure;
import dev.maestro.failure.PermanentException;
import dev.maestro.gate.GateRunner;
import dev.maestro.pipeline.Action;
import dev.maestro.pipeline.Step;
import dev.maestro.policy.Judgment;
import dev.maestro.policy.Ladder;
import dev.maestro.policy.Numbers;
import dev.maestro.policy.Place;
import dev.maestro.policy.Verdict;
import dev.maestro.process.ProcessIdentity;
import dev.maestro.run.RunEvent;
import dev.maestro.run.RunInput;
import dev.maestro.run.RunInput.ActResult;
import dev.maestro.run.Trouble;
import dev.maestro.run.Value;
import dev.maestro.store.BlobId;
import dev.maestro.store.StoreException;
import dev.maestro.task.Reason;
import dev.maestro.task.Usage;
import dev.maestro.workspace.Checkpoint;
import dev.maestro.workspace.Workspace;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Act for agent and plan steps: workspace, routing, briefing, interceptors, INTENT, and the launch.
 */
final class AgentAct {

  private final Tools tools;
  private final Chain chain;

  AgentAct(Tools tools) {
    this.tools = tools;
    this.chain = new Chain(tools.registered());
  }

  ActResult run(Assignment a, Values values, Secrets secrets) throws InterruptedException {
    AttemptContext context = new AttemptContext(a);
    context.hides(secrets);
    try (Workspace workspace = Opened.of(a, tools.workspaces())) {
      context.worksIn(workspace);
      Route route = route(a.task().step(), climbed(context));
      context.routed(route);
      context.plays(route.persona());
      context.prompt(Briefing.write(a.task(), values));
      chain.ask(Place.BRIEFING, context);
      context.finishPrompt();
      chain.ask(Place.GUARDRAILS, context);
      context.redactPrompt();
      chain.ask(Place.LIMITS, context);
      chain.ask(Place.BUDGET, context);
      AgentRequest request = intend(a, context, route, workspace, secrets);
      Checkpoint before = keep(a, workspace);
      LaunchFrame frame = new LaunchFrame(tools.time(), request.limits().total(), a.cancellation());
      ToolUses uses = new ToolUses(context, context.paths(), secrets, frame::stop);
      AgentReply reply = launch(a, route.provider(), request, frame, uses);
      uses.count();
      if (uses.stop().isPresent()) {
        return stopped(uses.stop().get(), reply, secrets);
      }
      try {
        return settle(context, reply, workspace, before, secrets);
      } catch (StoppedException e) {
        return stopped(e.verdict(), reply, secrets);
      }
    }
  }

  /** A rule did not let a launch have its outcome; what it used up is spent all the same. */
  private static ActResult stopped(Verdict verdict, AgentReply reply, Secrets secrets) {
    if (verdict instanceof Verdict.Ask ask) {
      return new ActResult.Asked(ask, reply.usage(), reply.session());
    }
    Trouble trouble =
        verdict instanceof Verdict.Refuse refuse
            ? Trouble.of(refuse.reason(), secrets.apply(refuse.why()))
            : Trouble.of(
                Reason.ERROR, "a launch cannot be put off any more, but a rule said " + verdict);
    return new ActResult.Failed(trouble, reply.usage(), reply.session());
  }

  /** {@return what stands there before the launch, leftovers of an attempt before it too} */
  private Checkpoint keep(Assignment a, Workspace workspace) throws InterruptedException {
    return workspace.changesSince(workspace.head()).isEmpty()
        ? workspace.head()
        : workspace.checkpoint(new CommitMessages(tools.commits()).of(a.task()));
  }

  /** What a provider throws comes after a launch, so nobody knows what that has used up. */
  private AgentReply launch(
      Assignment a, AgentProvider provider, AgentRequest request, LaunchFrame frame, ToolUses uses)
      throws InterruptedException {
    AgentReply reply;
    Duration total = request.limits().total();
    Recording recording = new Recording(a, uses);
    try (frame) {
      reply = provider.run(request, recording, frame.cancellation());
      Objects.requireNonNull(reply, () -> "the provider " + provider.id() + " gave no reply");
      recording.requireLaunch();
    } catch (SupersededException | StoreException e) {
      throw e;
    } catch (RuntimeException e) {
      Trouble trouble = Attempts.unexpected(e, Secrets.NONE);
      ErrorClass kind = trouble.errorClass() == null ? ErrorClass.PERMANENT : trouble.errorClass();
      return AgentReply.failed(Failure.of(kind, trouble.message()), null);
    } catch (InterruptedException e) {
      if (!frame.isOverrun() && !frame.isStopped()) {
        throw e;
      }
      reply = AgentReply.failed(Failure.of(ErrorClass.TIMEOUT, ""), null);
    }
    if (reply.failure() != null && frame.isOverrun()) {
      String message = "the agent took longer than " + total;
      Failure failure = Failure.of(ErrorClass.TIMEOUT, message);
      reply = new AgentReply(reply.text(), failure, reply.usage(), reply.session());
    }
    return reply;
  }

  /** {@return the model of the ladder's rung that the attempt is on, or null without a ladder} */
  private static @Nullable String climbed(AttemptContext context) {
    Ladder ladder = context.policies().ladder();
    if (ladder == null || ladder.models().isEmpty()) {
      return null;
    }
    int rung = ladder.rung(context.task().failedChecks()).orElseThrow();
    String model = ladder.models().get(rung - 1);
    Numbers numbers = Numbers.of("rung", rung).with("rungs", ladder.models().size());
    context.judge(Judgment.of(Ladder.RULE, Place.ROUTE, Verdict.proceed(), numbers).detail(model));
    return model;
  }

  private Route route(Step step, @Nullable String climbed) {
    Action action = step.action();
    Action.Agent agent =
        action instanceof Action.Plan plan
            ? new Action.Agent(plan.agent(), plan.prompt(), plan.model())
            : (Action.Agent) action;
    return tools
        .providers()
        .route(agent.agent(), climbed == null ? agent.model() : climbed, tools.personas())
        .fold(
            route -> route,
            why -> {
              throw new StoppedException(new Verdict.Refuse(Reason.PROVIDER_MISSING, why, true));
            });
  }

  private AgentRequest intend(
      Assignment a, AttemptContext context, Route route, Workspace workspace, Secrets secrets)
      throws InterruptedException {
    boolean resumes = route.provider().capabilities().has(Capability.SESSIONS);
    SessionId session = resumes ? a.session() : null;
    AgentRequest request =
        new AgentRequest(
            a.attempt(),
            route.persona().name(),
            context.prompt(),
            route.persona().systemPrompt(),
            route.model(),
            session,
            workspace.directory(),
            secrets.environment(),
            a.task().step().limits(),
            tools.processes().session());
    BlobId prompt = tools.store().put(context.prompt().getBytes(StandardCharsets.UTF_8));
    a.journal()
        .record(
            new RunInput.Intend(
                new RunEvent.Intent(
                    tools.time().instant(),
                    a.attempt().task(),
                    a.attempt().number(),
                    route.provider().id().value(),
                    route.model(),
                    workspace.head().id(),
                    prompt.hex(),
                    session,
                    route.provider().capabilities().has(Capability.PROMPT_AFTER_START)),
                a.judgments().take()));
    return request;
  }

  private ActResult settle(
      AttemptContext context,
      AgentReply reply,
      Workspace workspace,
      Checkpoint before,
      Secrets secrets)
      throws InterruptedException {
    Step step = context.step();
    String text = secrets.apply(reply.text());
    if (reply.failure() != null) {
      return new ActResult.Failed(
          trouble(reply.failure(), secrets), reply.usage(), reply.session());
    }
    boolean nothing = text.isBlank() && (reply.usage() == null || reply.usage().isNothing());
    if (nothing && !step.allowNoOp() && workspace.changesSince(before).isEmpty()) {
      return new ActResult.Failed(
          Trouble.of(Reason.NO_OP, "the agent changed nothing, cost nothing and returned nothing"),
          reply.usage() == null ? Usage.NONE : reply.usage(),
          reply.session());
    }
    context.returned(reply.text());
    chain.ask(Place.OUTPUT, context);
    try {
      return new ActResult.Done(output(step, text), reply.usage(), reply.session());
    } catch (PermanentException e) {
      Trouble trouble =
          new Trouble(
              Reason.INVALID_OUTPUT,
              null,
              String.valueOf(e.getMessage()),
              GateRunner.excerpt(text),
              null);
      return new ActResult.Failed(trouble, reply.usage(), reply.session());
    }
  }

  private @Nullable Value output(Step step, String text) {
    if (text.isBlank() && step.output() == null) {
      return null;
    }
    JsonNode json = Replies.read(step, text.strip());
    return Values.keep(json, tools.store());
  }

  private static Trouble trouble(Failure failure, Secrets secrets) {
    return new Trouble(
        reason(failure.errorClass()),
        failure.errorClass(),
        secrets.apply(failure.message()),
        "",
        failure.until());
  }

  private static Reason reason(ErrorClass errorClass) {
    return switch (errorClass) {
      case QUOTA_EXHAUSTED -> Reason.QUOTA_EXHAUSTED;
      case RATE_LIMITED -> Reason.RATE_LIMITED;
      case TIMEOUT -> Reason.TIMEOUT;
      case CANCELLED -> Reason.CANCELLED;
      case AUTHENTICATION, CONTEXT_OVERFLOW, REFUSED, TRANSIENT, PERMANENT -> Reason.ERROR;
    };
  }

  /** Makes a launch and a session's name durable before the agent goes on; passes the rest on. */
  private final class Recording implements AgentListener {

    private final Assignment a;
    private final ToolUses uses;
    private boolean launched;
    private boolean presumed;

    Recording(Assignment a, ToolUses uses) {
      this.a = a;
      this.uses = uses;
    }

    /** A provider that does something, or has come to its end, was launched, said or not. */
    void requireLaunch() {
      if (!launched) {
        presumed = true;
        launch(null);
      }
    }

    private void launch(@Nullable ProcessIdentity process) {
      launched = true;
      a.journal()
          .record(
              new RunInput.Launch(
                  tools.time().instant(), a.attempt().task(), a.attempt().number(), process, true));
    }

    @Override
    public void on(AgentEvent event) {
      if (event instanceof AgentEvent.Launched started) {
        if (!presumed) {
          launch(started.process());
        }
      } else {
        requireLaunch();
      }
      if (event instanceof AgentEvent.SessionStarted started) {
        a.journal()
            .record(
                new RunInput.NameSession(
                    tools.time().instant(),
                    a.attempt().task(),
                    a.attempt().number(),
                    started.session()));
      }
      if (event instanceof AgentEvent.ToolUse use) {
        uses.used(use);
      } else if (event instanceof AgentEvent.ToolResult result) {
        uses.fetched(result);
      }
      a.stream().accept(event);
    }

    @Override
    public PermissionDecision permit(PermissionRequest request) {
      requireLaunch();
      return uses.permit(request);
    }
  }
}
