package dev.maestro.attempt;

import com.fasterxml.jackson.databind.JsonNode;
import dev.maestro.agent.AgentRequest;
import dev.maestro.failure.ErrorClass;
import dev.maestro.failure.MaestroException;
import dev.maestro.failure.PermanentException;
import dev.maestro.gate.GateRunner;
import dev.maestro.json.Json;
import dev.maestro.pipeline.Action;
import dev.maestro.pipeline.Step;
import dev.maestro.pipeline.Template;
import dev.maestro.policy.Place;
import dev.maestro.policy.Verdict;
import dev.maestro.process.ProcessIdentity;
import dev.maestro.process.ProcessListener;
import dev.maestro.process.ProcessResult;
import dev.maestro.process.ProcessSpec;
import dev.maestro.process.Time;
import dev.maestro.run.ActResult;
import dev.maestro.run.RunEvent;
import dev.maestro.run.RunInput;
import dev.maestro.run.Trouble;
import dev.maestro.run.Value;
import dev.maestro.store.StoreException;
import dev.maestro.task.AttemptId;
import dev.maestro.task.Reason;
import dev.maestro.task.Usage;
import dev.maestro.workspace.Workspace;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The first phase: the agent, program or code does its work. */
final class Act {

  private static final int MAX_OUTPUT = 4 * 1024 * 1024;
  private static final String FEEDBACK_VARIABLE = "MAESTRO_FEEDBACK";

  private final Tools tools;
  private final AgentAct agents;
  private final Claims claims;
  private final InsideAct insides;
  private final Signoffs signoffs;
  private final Rollback rollback;

  Act(Tools tools) {
    this.tools = tools;
    this.agents = new AgentAct(tools);
    this.claims = new Claims(tools);
    this.insides = new InsideAct(tools);
    this.signoffs = new Signoffs(tools.risks());
    this.rollback = new Rollback(tools);
  }

  ActResult run(Assignment a) throws InterruptedException {
    ActResult result = carryOut(a);
    if (result instanceof ActResult.Failed && rollback.isWanted(a) && !isPutOff(a, result)) {
      rollback.afterFailure(a);
    }
    return result;
  }

  /** A task that only waits, for a quota or for more money, goes on with the work that it has. */
  private boolean isPutOff(Assignment a, ActResult result) {
    AttemptId id = a.attempt();
    return a.journal()
        .isPutOff(new RunInput.ActEnded(tools.time().instant(), id.task(), id.number(), result, 0));
  }

  private ActResult carryOut(Assignment a) throws InterruptedException {
    Secrets secrets = Secrets.NONE;
    try {
      tools.registered().requireAllOf(a.task().step(), a.policies());
      secrets = Secrets.of(a, tools.secrets());
      Action action = a.task().step().action();
      Values values = new Values(tools.store(), a);
      if (a.task().delivered().isPresent()) {
        return delivered(a, a.task().delivered().get(), values, secrets);
      }
      if (action instanceof Action.Command command) {
        return command(a, command, values, secrets);
      } else if (action instanceof Action.Code code) {
        return code(a, code, values, secrets);
      } else if (action instanceof Action.Approval) {
        throw new IllegalStateException("an approval step asks a person and has no act");
      } else if (action instanceof Action.SubPipeline || action instanceof Action.ForEach) {
        return insides.run(a, values);
      }
      return agents.run(a, values, secrets);
    } catch (StoppedException e) {
      return new ActResult.Stopped(e.verdict());
    } catch (SupersededException | StoreException e) {
      throw e;
    } catch (RuntimeException e) {
      return failed(Attempts.unexpected(e, secrets));
    }
  }

  // ------------------------------------------------------------------ somebody else's work

  /** Nothing is started: whoever had claimed the task has done it. */
  private ActResult delivered(
      Assignment a, RunEvent.Delivered delivered, Values values, Secrets secrets)
      throws InterruptedException {
    claims.askBefore(a, secrets, values);
    if (delivered.trouble() != null) {
      return new ActResult.Failed(delivered.trouble(), delivered.usage(), null);
    }
    try {
      String text = claims.text(delivered, values);
      if (claims.isNothing(a, delivered, text)) {
        Trouble trouble = Trouble.of(Reason.NO_OP, "nothing was changed and nothing returned");
        return new ActResult.Failed(trouble, delivered.usage(), null);
      }
      AttemptContext context = new AttemptContext(a);
      context.hides(secrets);
      return judged(context, text, delivered.usage(), secrets);
    } catch (StoppedException | SupersededException | StoreException e) {
      throw e;
    } catch (RuntimeException | Error e) {
      return new ActResult.Failed(Attempts.unexpected(e, secrets), delivered.usage(), null);
    }
  }

  // ------------------------------------------------------------------ a program

  private ActResult command(Assignment a, Action.Command command, Values values, Secrets secrets)
      throws InterruptedException {
    Step step = a.task().step();
    AttemptContext context = new AttemptContext(a);
    context.hides(secrets);
    try (Workspace workspace = Opened.of(a, tools.workspaces())) {
      context.worksIn(workspace);
      List<String> argv =
          command.command().stream()
              .map(part -> Template.of(part).render(step.id(), values))
              .toList();
      context.runs(argv);
      askBefore(context, argv);
      ProcessSpec spec =
          ProcessSpec.builder(workspace.directory(), argv)
              .environment(environment(a, secrets))
              .timeLimit(step.limits().total())
              .inactivityLimit(step.limits().inactivity())
              .build();
      Printed printed = new Printed(a, tools.time());
      ProcessResult result = tools.processes().run(spec, printed, a.cancellation());
      if (!result.isCleanExit()) {
        String all = printed.text() + result.errorTail();
        return failed(ending(argv.get(0), step, result, GateRunner.excerpt(secrets.apply(all))));
      }
      if (printed.isCut() && step.output() != null) {
        return failed(
            Trouble.of(
                Reason.OUTPUT_TOO_LARGE,
                argv.get(0)
                    + " printed more than "
                    + MAX_OUTPUT
                    + " characters, which is no output"));
      }
      return judged(context, printed.text().stripTrailing(), Usage.NONE, secrets);
    }
  }

  /** It is done, so what a rule says now is about its outcome. */
  private ActResult judged(AttemptContext context, String text, Usage usage, Secrets secrets)
      throws InterruptedException {
    context.returned(text);
    try {
      Optional<Verdict.Ask> doubt = new Chain(tools.registered()).doubts(Place.OUTPUT, context);
      ActResult result = done(context.step(), secrets.apply(text), usage);
      return result instanceof ActResult.Done done ? done.doubted(doubt.orElse(null)) : result;
    } catch (StoppedException e) {
      return new ActResult.Failed(trouble(e.verdict()), usage, null);
    }
  }

  private static Trouble trouble(Verdict verdict) {
    return verdict instanceof Verdict.Refuse refuse
        ? Trouble.of(refuse.reason(), refuse.why())
        : Trouble.of(Reason.ERROR, "an outcome cannot be put off, but a rule said " + verdict);
  }

  /** Secrets are what the step asks for by name, so they win. */
  private static Map<String, String> environment(Assignment a, Secrets secrets) {
    AttemptId attempt = a.attempt();
    Map<String, String> variables = new HashMap<>();
    variables.put(AgentRequest.RUN_VARIABLE, attempt.key().run().value());
    variables.put(AgentRequest.TASK_VARIABLE, attempt.task().value());
    variables.put(AgentRequest.ATTEMPT_VARIABLE, Integer.toString(attempt.number()));
    a.task()
        .feedback()
        .ifPresent(asked -> variables.put(FEEDBACK_VARIABLE, asked.text().replace('\0', ' ')));
    variables.putAll(secrets.environment());
    return variables;
  }

  private void askBefore(AttemptContext context, List<String> told) throws InterruptedException {
    Chain chain = new Chain(tools.registered());
    context.tells(told);
    chain.ask(Place.BRIEFING, context);
    context.finishPrompt();
    chain.ask(Place.GUARDRAILS, context);
    signoffs.beforeAct(context);
    chain.ask(Place.LIMITS, context);
    chain.ask(Place.BUDGET, context);
  }

  private static Trouble ending(String program, Step step, ProcessResult result, String excerpt) {
    return switch (result.ending()) {
      case EXITED ->
          new Trouble(
              Reason.ERROR, null, program + " exited with " + result.exitCode(), excerpt, null);
      case TIMED_OUT ->
          new Trouble(
              Reason.TIMEOUT,
              ErrorClass.TIMEOUT,
              program + " took longer than " + step.limits().total(),
              excerpt,
              null);
      case INACTIVE ->
          new Trouble(
              Reason.TIMEOUT,
              ErrorClass.TIMEOUT,
              program + " printed nothing for " + step.limits().inactivity(),
              excerpt,
              null);
      case CANCELLED ->
          new Trouble(
              Reason.CANCELLED, ErrorClass.CANCELLED, program + " was cancelled", excerpt, null);
    };
  }

  // ------------------------------------------------------------------ code

  private ActResult code(Assignment a, Action.Code code, Values values, Secrets secrets)
      throws InterruptedException {
    CodeStep step = tools.registered().step(code.name(), code.version()).orElseThrow();
    AttemptContext context = new AttemptContext(a);
    context.hides(secrets);
    askBefore(context, List.of(code.name(), code.version()));
    try {
      return Interruptible.call(
          a.cancellation(),
          () -> done(a.task().step(), hidden(step.run(new TaskContext(a, values)), secrets)));
    } catch (InterruptedException | SupersededException e) {
      throw e;
    } catch (MaestroException e) {
      return failed(Attempts.unexpected(e, secrets));
    } catch (Exception e) {
      return failed(Trouble.of(Reason.ERROR, Attempts.shortened(secrets.apply(e.toString()))));
    }
  }

  /** Code may return what a step before it has read, or what it has asked for itself. */
  private static @Nullable Object hidden(@Nullable Object output, Secrets secrets) {
    if (output == null || secrets == Secrets.NONE) {
      return output;
    }
    return output instanceof String text
        ? secrets.apply(text)
        : secrets.apply(output instanceof JsonNode json ? json : Json.treeOf(output));
  }

  // ------------------------------------------------------------------ results

  private ActResult done(Step step, @Nullable Object output) {
    return done(step, output, Usage.NONE);
  }

  private ActResult done(Step step, @Nullable Object output, Usage usage) {
    try {
      return new ActResult.Done(output(step, output), usage, null);
    } catch (PermanentException e) {
      Trouble trouble = Trouble.of(Reason.INVALID_OUTPUT, String.valueOf(e.getMessage()));
      return new ActResult.Failed(trouble, usage, null);
    }
  }

  private @Nullable Value output(Step step, @Nullable Object output) {
    if (output == null
        || output instanceof String text && text.isEmpty() && step.output() == null) {
      return null;
    }
    JsonNode json =
        output instanceof JsonNode node
            ? node
            : output instanceof String text ? Replies.read(step, text) : Json.treeOf(output);
    return Values.keep(json, tools.store());
  }

  private static ActResult failed(Trouble trouble) {
    return new ActResult.Failed(trouble, Usage.NONE, null);
  }

  /** What a program prints to its standard output, as far as it is kept. */
  private static final class Printed implements ProcessListener {

    private final Assignment a;
    private final Time time;
    // guarded by this
    private final StringBuilder text = new StringBuilder();
    // guarded by this
    private boolean cut;

    Printed(Assignment a, Time time) {
      this.a = a;
      this.time = time;
    }

    @Override
    public void started(ProcessIdentity identity) {
      a.journal()
          .record(
              new RunInput.Launch(
                  time.instant(), a.attempt().task(), a.attempt().number(), identity, false));
    }

    @Override
    public synchronized void line(String line) {
      text.append(line, 0, Math.min(line.length(), MAX_OUTPUT / 2)).append('\n');
      if (text.length() > MAX_OUTPUT) {
        // the end is what tells why a program failed
        text.delete(0, MAX_OUTPUT / 2);
        cut = true;
      }
    }

    synchronized boolean isCut() {
      return cut;
    }

    /** A mark tells where something was cut off, which may be half of a secret. */
    synchronized String text() {
      return cut ? "…" + text : text.toString();
    }
  }
}
