package dev.maestro.attempt;

import dev.maestro.agent.Persona;
import dev.maestro.failure.PermanentException;
import dev.maestro.pipeline.Action;
import dev.maestro.pipeline.Step;
import dev.maestro.policy.Place;
import dev.maestro.policy.Verdict;
import dev.maestro.run.RunEvent;
import dev.maestro.run.Value;
import dev.maestro.task.Reason;
import dev.maestro.workspace.Opening;
import dev.maestro.workspace.Workspace;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/**
 * Steps that somebody has claimed and does instead of Maestro: what they are told, and what comes
 * of what they bring.
 *
 * <p>The rules that stand before a launch are asked twice: when the work is handed out, so that
 * nothing is begun that they refuse, and in the attempt that takes up what was brought, where what
 * they say is recorded.
 */
final class Claims {

  private final Tools tools;
  private final Chain chain;
  private final Signoffs signoffs;

  Claims(Tools tools) {
    this.tools = tools;
    this.chain = new Chain(tools.registered());
    this.signoffs = new Signoffs(tools.risks());
  }

  /** Write what an agent is told; nothing of it is recorded. */
  Handout handOut(Assignment a) throws InterruptedException {
    if (!a.task().step().action().isAgents()) {
      throw new IllegalStateException(
          "task " + a.attempt().task() + " is told nothing: no agent's");
    }
    try {
      tools.registered().requireAllOf(a.task().step(), a.policies());
      AttemptContext context = new AttemptContext(a);
      Secrets secrets = Secrets.of(a, tools.secrets());
      context.hides(secrets);
      try (Workspace workspace = Opened.of(a, tools.workspaces())) {
        context.worksIn(workspace);
        askBefore(a, context, new Values(tools.store(), a));
        return new Handout.Brief(
            context.prompt(), persona(a.task().step().action()), workspace.directory());
      }
    } catch (StoppedException e) {
      return new Handout.Withheld(e.verdict());
    } catch (SupersededException e) {
      throw e;
    } catch (RuntimeException e) {
      String why = Attempts.unexpected(e, Secrets.toHide(a, tools.secrets())).message();
      return new Handout.Withheld(new Verdict.Refuse(Reason.ERROR, why, false));
    }
  }

  /** A task that is claimed is nobody else's, so that its workspace may be opened meanwhile. */
  Path directory(Assignment a) throws InterruptedException {
    Opening opening = Opened.open(a, tools.workspaces());
    if (opening instanceof Opening.Opened opened) {
      try (Workspace workspace = opened.workspace()) {
        return workspace.directory();
      }
    }
    throw new PermanentException(
        "the workspace of " + a.attempt().task() + " cannot be opened: " + opening);
  }

  /** {@return a text that somebody brings, without the secrets of the pipeline} */
  String hide(Assignment a, String text) {
    return Secrets.toHide(a, tools.secrets()).apply(text);
  }

  /** {@return what a person says about a run, without these secrets} */
  String hide(Set<String> names, boolean shapes, String text) {
    return Secrets.toHide(names, shapes, tools.secrets()).apply(text);
  }

  /** Ask the rules that would stand before a launch, if the step is one that launches an agent. */
  void askBefore(Assignment a, Secrets secrets, Values values) throws InterruptedException {
    if (a.task().step().action().isAgents()) {
      AttemptContext context = new AttemptContext(a);
      context.hides(secrets);
      try (Workspace workspace = Opened.of(a, tools.workspaces())) {
        context.worksIn(workspace);
        askBefore(a, context, values);
      }
    }
  }

  private void askBefore(Assignment a, AttemptContext context, Values values)
      throws InterruptedException {
    context.plays(persona(a.task().step().action()));
    context.prompt(Briefing.write(a, values));
    context.tells(List.of(Briefing.order(a.task(), values)));
    chain.ask(Place.BRIEFING, context);
    context.finishPrompt();
    chain.ask(Place.GUARDRAILS, context);
    signoffs.beforeAct(context);
    context.redactPrompt();
    chain.ask(Place.LIMITS, context);
    chain.ask(Place.BUDGET, context);
  }

  /**
   * {@return whether nothing was brought and nothing changed, where something has to be; a plain
   * directory cannot tell}
   */
  boolean isNothing(Assignment a, RunEvent.Delivered delivered, String text)
      throws InterruptedException {
    Step step = a.task().step();
    boolean silent = text.isBlank() && delivered.usage().isNothing();
    if (!step.action().isAgents()
        || !silent
        || step.allowNoOp()
        || !tools.workspaces().capabilities().checkpoints()) {
      return false;
    }
    try (Workspace workspace = Opened.of(a, tools.workspaces())) {
      return workspace.changesSince(workspace.head()).isEmpty();
    }
  }

  String text(RunEvent.Delivered delivered, Values values) {
    return delivered.output() == null ? "" : Value.textOf(values.load(delivered.output()));
  }

  private Persona persona(Action action) {
    String name =
        action instanceof Action.Plan plan ? plan.agent() : ((Action.Agent) action).agent();
    Persona known = tools.personas().get(name);
    return known == null ? Persona.named(name) : known;
  }
}
