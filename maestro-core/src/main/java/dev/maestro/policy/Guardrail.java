package dev.maestro.policy;

import dev.maestro.workspace.PathGlobs;
import java.util.List;
import java.util.Optional;

/**
 * A rule that can stop or alter an action before, during or after it. Data: pipelines hold it.
 *
 * <p>Every guardrail of a step is asked, those of the pipelines around it first, each in the order
 * in which it was added; the first that does not let the attempt go on decides. At a tool use,
 * where the agent waits for its answer, one that refuses goes before one that asks; doubt asks, and
 * when nobody has anything to say about a tool, silence denies it. Clients do not implement it:
 * rules of one's own are interceptors.
 *
 * <p>Guardrails keep an agent from accidents and carelessness. They are no wall against a program
 * that means harm: that is what a sandbox is for.
 */
public sealed interface Guardrail
    permits TermGuard,
        PathGuard,
        CommandGuard,
        WriteGuard,
        SecretGuard,
        InjectionGuard,
        HostGuard,
        ToolGuard {

  /** {@return what the rule is called in files and in the chain of a run} */
  String rule();

  /**
   * {@return what it says of this; empty when such things do not concern it}
   *
   * <p>Pure: the same subject gives the same answer.
   */
  Optional<Finding> check(Subject subject);

  /** {@return no prompt and no command with one of the terms of {@link TermList#DESTRUCTIVE}} */
  static Guardrail terms() {
    return new TermGuard(TermList.DESTRUCTIVE);
  }

  /** {@return no prompt and no command with one of these terms} */
  static Guardrail terms(String... terms) {
    return new TermGuard(new TermList(List.of(terms)));
  }

  /** {@return files that match these globs are not to be changed} */
  static Guardrail paths(String... globs) {
    return new PathGuard(PathGlobs.of(globs));
  }

  /** {@return no command that {@link CommandRules#DEFAULT} refuses} */
  static Guardrail commands() {
    return new CommandGuard(CommandRules.DEFAULT);
  }

  /** {@return no command that one of these refuses} */
  static Guardrail commands(CommandRule... rules) {
    return new CommandGuard(new CommandRules(List.of(rules)));
  }

  /** {@return only files that match these globs may be written} */
  static WriteGuard writes(String... globs) {
    return new WriteGuard(PathGlobs.of(globs), null, null);
  }

  /** {@return secrets of known shapes are taken out of whatever is sent and stored} */
  static Guardrail secrets() {
    return new SecretGuard(false);
  }

  /** {@return whatever holds a secret of a known shape is refused, and never stored as it is} */
  static Guardrail noSecrets() {
    return new SecretGuard(true);
  }

  /** {@return what a tool fetched and what tries to instruct the agent makes a person look} */
  static Guardrail injection() {
    return new InjectionGuard(InjectionGuard.MARKERS);
  }

  /** {@return nothing is looked up but on these hosts; {@code *.} at the beginning: any below} */
  static Guardrail hosts(String... allowed) {
    return new HostGuard(List.of(allowed));
  }

  /** {@return these tools may be used, as far as no other guardrail objects} */
  static ToolGuard tools(String... allowed) {
    return new ToolGuard(List.of(allowed), List.of());
  }
}
