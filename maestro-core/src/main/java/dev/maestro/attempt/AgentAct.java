package dev.maestro.attempt;

import com.fasterxml.jackson.databind.JsonNode;
import dev.maestro.agent.AgentEvent;
import dev.maestro.agent.AgentListener;
import dev.maestro.agent.AgentProvider;
import dev.maestro.agent.AgentReply;
import dev.maestro.agent.AgentRequest;
import dev.maestro.agent.Capability;
import dev.maestro.agent.Route;
import dev.maestro.agent.SessionId;
import dev.maestro.failure.ErrorClass;
import dev.maestro.failure.Failure;
import dev.maestro.failure.PermanentException;
import dev.maestro.gate.GateRunner;
import dev.maestro.pipeline.Action;
import dev.maestro.pipeline.Step;
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
    try (Workspace workspace = Opened.of(a, tools.workspaces())) {
      context.worksIn(workspace);
      Route route = route(a.task().step());
      context.routed(route);
      context.prompt(Briefing.write(a.task(), values));
      chain.ask(Place.BRIEFING, context);
      context.finishPrompt();
      chain.ask(Place.GUARDRAILS, context);
      chain.ask(Place.LIMITS, context);
      chain.ask(Place.BUDGET, context);
      AgentRequest request = intend(a, context, route, workspace, secrets);
      Checkpoint before = keep(a, workspace);
      AgentReply reply = launch(a, route.provider(), request);
      return settle(a.task().step(), reply, workspace, before, secrets);
    }
  }

  /** {@return what stands there before the launch, leftovers of an attempt before it too} */
  private Checkpoint keep(Assignment a, Workspace workspace) throws InterruptedException {
    return workspace.changesSince(workspace.head()).isEmpty()
        ? workspace.head()
        : workspace.checkpoint(new CommitMessages(tools.commits()).of(a.task()));
  }

  /** What a provider throws comes after a launch, so nobody knows what that has used up. */
  private AgentReply launch(Assignment a, AgentProvider provider, AgentRequest request)
      throws InterruptedException {
    AgentReply reply;
    Duration total = request.limits().total();
    LaunchFrame frame = new LaunchFrame(tools.time(), total, a.cancellation());
    Recording recording = new Recording(a);
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
      if (!frame.isOverrun()) {
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

  private Route route(Step step) {
    Action action = step.action();
    Action.Agent agent =
        action instanceof Action.Plan plan
            ? new Action.Agent(plan.agent(), plan.prompt(), plan.model())
            : (Action.Agent) action;
    return tools
        .providers()
        .route(agent.agent(), agent.model(), tools.personas())
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
      Step step, AgentReply reply, Workspace workspace, Checkpoint before, Secrets secrets)
      throws InterruptedException {
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
    private boolean launched;
    private boolean presumed;

    Recording(Assignment a) {
      this.a = a;
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
      a.stream().accept(event);
    }
  }
}
