package dev.maestro.attempt;

import com.fasterxml.jackson.databind.JsonNode;
import dev.maestro.agent.AgentEvent;
import dev.maestro.agent.AgentListener;
import dev.maestro.agent.AgentProvider;
import dev.maestro.agent.AgentReply;
import dev.maestro.agent.AgentRequest;
import dev.maestro.agent.AgentRequest.Limits;
import dev.maestro.agent.Capability;
import dev.maestro.agent.PermissionDecision;
import dev.maestro.agent.PermissionRequest;
import dev.maestro.agent.Persona;
import dev.maestro.agent.Prices;
import dev.maestro.agent.Route;
import dev.maestro.agent.SessionId;
import dev.maestro.failure.ErrorClass;
import dev.maestro.failure.Failure;
import dev.maestro.failure.PermanentException;
import dev.maestro.gate.GateRunner;
import dev.maestro.insight.ShadowHistory;
import dev.maestro.insight.ShadowRouter;
import dev.maestro.pipeline.Step;
import dev.maestro.policy.Judgment;
import dev.maestro.policy.Ladder;
import dev.maestro.policy.Numbers;
import dev.maestro.policy.Place;
import dev.maestro.policy.Shortened;
import dev.maestro.policy.Verdict;
import dev.maestro.process.ProcessIdentity;
import dev.maestro.run.ActResult;
import dev.maestro.run.RunEvent;
import dev.maestro.run.RunInput;
import dev.maestro.run.Talk;
import dev.maestro.run.Trouble;
import dev.maestro.run.Value;
import dev.maestro.store.BlobId;
import dev.maestro.store.StoreException;
import dev.maestro.task.Amount;
import dev.maestro.task.Cap;
import dev.maestro.task.Money;
import dev.maestro.task.Reason;
import dev.maestro.task.Usage;
import dev.maestro.workspace.Checkpoint;
import dev.maestro.workspace.Workspace;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Act for agent and plan steps: workspace, routing, briefing, interceptors, INTENT, and the launch.
 */
final class AgentAct {

  private final Tools tools;
  private final Chain chain;
  private final Signoffs signoffs;

  AgentAct(Tools tools) {
    this.tools = tools;
    this.chain = new Chain(tools.registered());
    this.signoffs = new Signoffs(tools.risks());
  }

  ActResult run(Assignment a, Values values, Secrets secrets) throws InterruptedException {
    AttemptContext context = new AttemptContext(a);
    context.hides(secrets);
    try (Workspace workspace = Opened.of(a, tools.workspaces())) {
      context.worksIn(workspace);
      Routes routes = new Routes(tools, context);
      Route own = routes.first(climbed(context));
      context.routed(own);
      context.plays(own.persona());
      context.prompt(Briefing.write(a, values) + recovered(a, workspace));
      context.tells(List.of(Briefing.order(a.task(), values)));
      chain.ask(Place.BRIEFING, context);
      context.finishPrompt();
      chain.ask(Place.GUARDRAILS, context);
      signoffs.beforeAct(context);
      context.redactPrompt();
      chain.ask(Place.LIMITS, context);
      chain.ask(Place.BUDGET, context);
      Cleared cleared = intend(a, context, routes, workspace, secrets);
      Checkpoint before = keep(a, workspace);
      LaunchFrame frame =
          new LaunchFrame(tools.time(), cleared.request().limits().total(), a.cancellation());
      ToolUses uses = new ToolUses(context, context.paths(), secrets, frame::stop);
      Handover handover = new Handover(tools.providers(), cleared.request().session());
      Transcript transcript = new Transcript(tools, a, secrets);
      transcript.begin(cleared.route(), cleared.request());
      Recording recording = new Recording(a, cleared, frame, uses, handover, transcript);
      AgentReply heard = recording.known(launch(cleared, frame, recording, secrets));
      AgentReply reply = priced(a, cleared, heard, recording.used);
      try {
        uses.count();
        transcript.end(reply);
        handOff(a, handover.end(context, cleared.route(), reply, tools.time().instant()));
        if (uses.stop().isPresent()) {
          return stopped(uses.stop().get(), reply, secrets);
        }
        return settle(context, cleared, reply, workspace, before, secrets);
      } catch (StoppedException e) {
        return stopped(e.verdict(), reply, secrets);
      } catch (SupersededException | StoreException e) {
        throw e;
      } catch (RuntimeException | Error e) {
        // whatever fails now, the launch was made and has used up what it has
        return new ActResult.Failed(
            Attempts.unexpected(e, secrets), reply.usage(), reply.session());
      }
    }
  }

  /** {@return what is to be known of a conversation that is not gone on with because it is full} */
  private static String recovered(Assignment a, Workspace workspace) throws InterruptedException {
    Optional<RunEvent.HandedOff> end = Optional.ofNullable(a.talk()).flatMap(Talk::end);
    return end.isEmpty()
        ? ""
        : Handover.header(end.get(), workspace.changesSince(workspace.base()));
  }

  private static void handOff(Assignment a, Optional<RunEvent.HandedOff> end) {
    try {
      end.ifPresent(event -> a.journal().record(RunInput.Note.of(event)));
    } catch (SupersededException e) {
      // the run has moved on, and takes of this attempt only what it has used up
      return;
    }
  }

  /**
   * What is about to be launched.
   *
   * @param route who
   * @param request what is asked of it
   * @param clearance what it may use up
   */
  private record Cleared(Route route, AgentRequest request, Clearance.Launch clearance) {

    Cap cap() {
      return clearance.cap();
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

  /** Have recorded which other route would have been taken; it can change nothing any more. */
  private void shadow(Assignment a, AttemptContext context, Route route) {
    if (tools.shadow() == ShadowRouter.NONE) {
      return;
    }
    String provider = route.provider().id().value();
    String current = route.model() == null ? provider : provider + "/" + route.model();
    String step = a.pipeline() + "/" + a.task().step().id();
    try {
      tools
          .shadow()
          .advise(new ShadowRouter.Launch(a.attempt(), step, current))
          .ifPresent(advice -> a.judgments().add(ShadowHistory.judgment(advice)));
    } catch (RuntimeException | LinkageError | StackOverflowError e) {
      String failed = "failed: " + Attempts.shortened(context.hiding(e.toString()));
      a.judgments()
          .add(Judgment.of(ShadowRouter.RULE, Place.ROUTE, Verdict.proceed()).detail(failed));
    }
  }

  /** {@return what stands there before the launch, leftovers of an attempt before it too} */
  private Checkpoint keep(Assignment a, Workspace workspace) throws InterruptedException {
    return workspace.changesSince(workspace.head()).isEmpty()
        ? workspace.head()
        : workspace.checkpoint(new CommitMessages(tools.commits()).of(a.task()));
  }

  /** What a provider throws comes after a launch, so nobody knows what that has used up. */
  private AgentReply launch(
      Cleared cleared, LaunchFrame frame, Recording recording, Secrets secrets)
      throws InterruptedException {
    AgentReply reply;
    AgentProvider provider = cleared.route().provider();
    AgentRequest request = cleared.request();
    Duration total = request.limits().total();
    try (frame) {
      if (frame.isCancelled()) {
        String message = "it was cancelled before it was launched";
        return AgentReply.failed(Failure.of(ErrorClass.CANCELLED, message), Usage.NONE);
      }
      reply = provider.run(request, recording, frame.cancellation());
      Objects.requireNonNull(reply, () -> "the provider " + provider.id() + " gave no reply");
      recording.endLaunch();
    } catch (SupersededException | StoreException e) {
      throw e;
    } catch (RuntimeException | Error e) {
      Trouble trouble = Attempts.unexpected(e, secrets);
      ErrorClass kind = trouble.errorClass() == null ? ErrorClass.PERMANENT : trouble.errorClass();
      return AgentReply.failed(Failure.of(kind, trouble.message()), null);
    } catch (InterruptedException e) {
      if (!frame.isOverrun() && !frame.isStopped()) {
        throw e;
      }
      reply = AgentReply.failed(Failure.of(ErrorClass.TIMEOUT, ""), null);
    }
    if (reply.failure() != null && recording.spent) {
      return recording.outOfBudget(reply);
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

  /**
   * {@return the reply with what it cost and used up, where a budget is around it and its provider
   * does not tell}
   */
  private AgentReply priced(Assignment a, Cleared cleared, AgentReply reply, int used) {
    Usage told = reply.usage();
    if (told == null || cleared.cap().isNone()) {
      return reply;
    }
    String model = cleared.route().model();
    Usage usage = priced(model, told);
    Money most = cleared.cap().money();
    if (most != null && tools.prices().get().isUnknown(model, usage)) {
      String whose = model == null ? "the default model of its provider" : model;
      String detail = "what the launch cost is not known: there is no price of %s; presumed %s usd";
      a.judgments()
          .add(
              Judgment.of("prices", Place.BUDGET, Verdict.proceed())
                  .detail(detail.formatted(whose, most.decimal())));
      usage = usage.presumedToCost(most);
    }
    boolean cut = told.presumed();
    Untold untold =
        cut ? Untold.ofCut(usage, cleared.cap(), used) : Untold.of(usage, cleared.cap(), used);
    if (!untold.units().isEmpty()) {
      String detail =
          cut
              ? "the launch was cut off at work, and what it was at may have used up more; presumed"
                  + " "
              : "its provider does not tell all that the launch has used up; presumed ";
      a.judgments()
          .add(
              Judgment.of("usage", Place.BUDGET, Verdict.proceed())
                  .detail(detail + String.join(", ", untold.units())));
    }
    return new AgentReply(reply.text(), reply.failure(), untold.usage(), reply.session());
  }

  private Usage priced(@Nullable String model, Usage told) {
    return Prices.isUnpriced(told) ? tools.prices().get().price(model, told) : told;
  }

  private Cleared intend(
      Assignment a, AttemptContext context, Routes routes, Workspace workspace, Secrets secrets)
      throws InterruptedException {
    BlobId prompt = tools.store().put(context.prompt().getBytes(StandardCharsets.UTF_8));
    Route route = open(a, context, routes, workspace, prompt);
    shadow(a, context, route);
    List<Judgment> judgments = new ArrayList<>(a.judgments().take());
    RunEvent.Intent intent = intent(a, route, workspace, prompt);
    Clearance clearance = a.journal().intend(new RunInput.Intend(intent, judgments));
    Route taken = route;
    if (clearance instanceof Clearance.Less less) {
      taken = cheaper(a, context, routes, workspace, prompt, less).orElse(route);
      context.routed(taken);
      shadow(a, context, taken);
      judgments.addAll(a.judgments().take());
      intent = intent(a, taken, workspace, prompt);
      clearance = a.journal().intend(new RunInput.Intend(intent, judgments).withLess());
    }
    if (!(clearance instanceof Clearance.Launch launch)) {
      throw new SupersededException("task " + a.task().id() + " cannot go on with still less");
    }
    return new Cleared(taken, request(a, context, taken, workspace, secrets, launch.cap()), launch);
  }

  /**
   * {@return the route on the cheaper model, where one is named; but not in place of one that is
   * open, when nobody can be launched on it for now}
   */
  private Optional<Route> cheaper(
      Assignment a,
      AttemptContext context,
      Routes routes,
      Workspace workspace,
      BlobId prompt,
      Clearance.Less less)
      throws InterruptedException {
    if (less.model().isEmpty()) {
      return Optional.empty();
    }
    Optional<Route> cheaper = routes.on(less.model().get());
    if (cheaper.isEmpty()) {
      return cheaper;
    }
    Optional<RunInput.Held> held = a.journal().heldUp(intent(a, cheaper.get(), workspace, prompt));
    held.ifPresent(why -> why.judgments().forEach(context::judge));
    return held.map(AgentAct::closedUntil).orElse(Instant.MIN).equals(Instant.MIN)
        ? cheaper
        : Optional.empty();
  }

  /**
   * {@return the first route whose provider has not said that it takes nothing for now; where all
   * have, the one that is open again first}
   */
  private Route open(
      Assignment a, AttemptContext context, Routes routes, Workspace workspace, BlobId prompt)
      throws InterruptedException {
    Route route = context.route().orElseThrow();
    if (!routes.hasOther()) {
      return route;
    }
    Route soonest = route;
    Instant earliest = Instant.MAX;
    Optional<Route> next = Optional.of(route);
    while (next.isPresent()) {
      route = next.get();
      Optional<RunInput.Held> held = a.journal().heldUp(intent(a, route, workspace, prompt));
      Instant until = held.map(AgentAct::closedUntil).orElse(Instant.MIN);
      if (until.equals(Instant.MIN)) {
        context.routed(route);
        return route;
      }
      held.orElseThrow().judgments().forEach(context::judge);
      if (until.isBefore(earliest)) {
        soonest = route;
        earliest = until;
      }
      next = routes.next("`" + route.provider().id() + "` takes nothing before " + until);
    }
    context.routed(soonest);
    return soonest;
  }

  /** {@return until when a provider takes nothing; one that is slow, or busy, is waited for} */
  private static Instant closedUntil(RunInput.Held held) {
    return held.verdict() instanceof Verdict.Wait wait
            && (wait.reason().equals(Reason.QUOTA_EXHAUSTED)
                || wait.reason().equals(Reason.CIRCUIT_OPEN))
        ? wait.until()
        : Instant.MIN;
  }

  private static @Nullable SessionId session(Assignment a, Route route) {
    boolean resumes = route.provider().capabilities().has(Capability.SESSIONS);
    return resumes && a.talk() != null
        ? a.talk().goesOnWith(route.provider().id().value()).orElse(null)
        : null;
  }

  private RunEvent.Intent intent(Assignment a, Route route, Workspace workspace, BlobId prompt)
      throws InterruptedException {
    return new RunEvent.Intent(
        tools.time().instant(),
        a.attempt().task(),
        a.attempt().number(),
        route.provider().id().value(),
        route.model(),
        workspace.head().id(),
        prompt.hex(),
        session(a, route),
        route.provider().capabilities().has(Capability.PROMPT_AFTER_START));
  }

  private AgentRequest request(
      Assignment a,
      AttemptContext context,
      Route route,
      Workspace workspace,
      Secrets secrets,
      Cap cap) {
    Persona persona = route.persona();
    return AgentRequest.of(a.attempt(), persona.name(), context.prompt(), workspace.directory())
        .systemPrompt(persona.systemPrompt())
        .model(route.model())
        .session(session(a, route))
        .environment(secrets.environment())
        .limits(within(a.task().step().limits(), cap))
        .processMarker(tools.processes().session())
        .cap(cap)
        .thinking(route.thinking(Routes.agent(a.task().step()).thinking()).orElse(null))
        .conversations(new KeptConversations(tools, a, secrets, route.provider().id().value()))
        .writes(persona.writes())
        .hiding(secrets::applyDeclared);
  }

  /** {@return the limits of the step, or less where less time is left} */
  private static Limits within(Limits limits, Cap cap) {
    Duration time = cap.time();
    if (time == null || time.isZero() || time.compareTo(limits.total()) >= 0) {
      return limits;
    }
    boolean shorter = limits.inactivity().compareTo(time) > 0;
    return new Limits(time, shorter ? time : limits.inactivity());
  }

  private ActResult settle(
      AttemptContext context,
      Cleared cleared,
      AgentReply reply,
      Workspace workspace,
      Checkpoint before,
      Secrets secrets)
      throws InterruptedException {
    Step step = context.step();
    String text = secrets.apply(reply.text());
    Optional<Integer> cut = cutTo(context, cleared, reply.usage());
    if (reply.failure() != null) {
      return new ActResult.Failed(
          trouble(reply.failure(), secrets), reply.usage(), reply.session());
    }
    boolean nothing = text.isBlank() && (reply.usage() == null || reply.usage().isNothing());
    if (nothing && !step.allowNoOp() && workspace.changesSince(before).isEmpty()) {
      return new ActResult.Failed(
          Trouble.of(Reason.NO_OP, "the agent changed nothing, cost nothing and returned nothing"),
          reply.usage(),
          reply.session());
    }
    context.returned(reply.text());
    Optional<Verdict.Ask> doubt = chain.doubts(Place.OUTPUT, context);
    try {
      String kept = cut.map(limit -> new Shortened(limit).of(text.strip())).orElse(text);
      return new ActResult.Done(
          output(step, kept), reply.usage(), reply.session(), cut.isPresent(), doubt.orElse(null));
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

  /** JSON that is cut is none any more, and where words at its end count, they are not cut off. */
  private static Optional<Integer> cutTo(
      AttemptContext context, Cleared cleared, @Nullable Usage used) {
    boolean more =
        used != null
            && !cleared.cap().covers(Amount.of(used, Duration.ZERO))
            && !context.step().json()
            && !context.policies().readWords();
    return more ? cleared.clearance().outputLimit() : Optional.empty();
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
        Attempts.shortened(secrets.apply(failure.message())),
        "",
        failure.until());
  }

  private static Reason reason(ErrorClass errorClass) {
    return switch (errorClass) {
      case QUOTA_EXHAUSTED -> Reason.QUOTA_EXHAUSTED;
      case RATE_LIMITED -> Reason.RATE_LIMITED;
      case TIMEOUT -> Reason.TIMEOUT;
      case CANCELLED -> Reason.CANCELLED;
      case BUDGET_EXCEEDED, LIMIT_REACHED -> Reason.BUDGET_EXCEEDED;
      case AUTHENTICATION, CONTEXT_OVERFLOW, SESSION_LOST, REFUSED, TRANSIENT, PERMANENT ->
          Reason.ERROR;
    };
  }

  /** Makes a launch and a session's name durable before the agent goes on; passes the rest on. */
  private final class Recording implements AgentListener {

    private final Assignment a;
    private final Cleared cleared;
    private final LaunchFrame frame;
    private final ToolUses uses;
    private final Handover handover;
    private final Transcript transcript;
    private final boolean meters;
    private boolean launched;
    private boolean presumed;
    // how many uses of tools it has told of
    private int used;
    // the last that was reported
    private @Nullable Usage told;
    // whether it was ended because it had used up its cap
    private boolean spent;

    Recording(
        Assignment a,
        Cleared cleared,
        LaunchFrame frame,
        ToolUses uses,
        Handover handover,
        Transcript transcript) {
      this.a = a;
      this.cleared = cleared;
      this.frame = frame;
      this.uses = uses;
      this.handover = handover;
      this.transcript = transcript;
      this.meters =
          !cleared.cap().isNone()
              && cleared.route().provider().capabilities().has(Capability.METERS);
    }

    /** What a provider that tells as it goes has used up, told or seen, may be all it may. */
    private void meter() {
      if (meters && !spent && hasReachedCap()) {
        spent = true;
        frame.stop();
      }
    }

    private boolean hasReachedCap() {
      Long tools = cleared.cap().toolCalls();
      return tools != null && used >= tools
          || told != null
              && cleared.cap().reachedBy(priced(cleared.route().model(), told)).isPresent();
    }

    /** {@return what became of a launch that was ended because it had used up its cap} */
    AgentReply outOfBudget(AgentReply reply) {
      String message = "the agent has used up what it may: " + cleared.cap();
      return new AgentReply(
          reply.text(),
          Failure.of(ErrorClass.BUDGET_EXCEEDED, message),
          reply.usage(),
          reply.session());
    }

    /** {@return the reply with what was reported on the way, where in the end nobody knows} */
    AgentReply known(AgentReply reply) {
      return reply.usage() != null || told == null
          ? reply
          : new AgentReply(reply.text(), reply.failure(), told.asPresumed(), reply.session());
    }

    /** A provider that does something, or has come to its end, was launched, said or not. */
    void requireLaunch() {
      if (!launched) {
        presumed = true;
        launch(null);
      }
    }

    /** The run may have moved on meanwhile; then it takes of this launch what it has used up. */
    void endLaunch() {
      try {
        requireLaunch();
      } catch (SupersededException e) {
        return;
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
        handover.begins(started.session());
        a.journal()
            .record(
                new RunInput.NameSession(
                    tools.time().instant(),
                    a.attempt().task(),
                    a.attempt().number(),
                    started.session()));
      }
      if (event instanceof AgentEvent.UsageReported reported) {
        told = reported.total();
        meter();
      } else if (event instanceof AgentEvent.ContextFilled filled) {
        handover.fills(filled, cleared.route().model());
      } else if (event instanceof AgentEvent.ToolUse use) {
        used++;
        uses.used(use);
        meter();
      } else if (event instanceof AgentEvent.ToolResult result) {
        uses.fetched(result);
      }
      transcript.on(event);
      a.stream().accept(event);
    }

    @Override
    public PermissionDecision permit(PermissionRequest request) {
      requireLaunch();
      PermissionDecision decision = uses.permit(request);
      transcript.asked(request, decision);
      return decision;
    }
  }
}
