package dev.maestro.run;

import dev.maestro.agent.AgentRequest.Limits;
import dev.maestro.gate.Gate;
import dev.maestro.pipeline.Action;
import dev.maestro.pipeline.Action.Failure;
import dev.maestro.pipeline.Condition;
import dev.maestro.pipeline.Pipeline;
import dev.maestro.pipeline.Step;
import dev.maestro.policy.Backoff;
import dev.maestro.policy.Budget;
import dev.maestro.policy.FailureWindow;
import dev.maestro.policy.Oversight;
import dev.maestro.policy.Policies;
import dev.maestro.task.Priority;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Steps for the tests of the rules, without the checks of the real builder. */
final class Steps {

  private final String id;
  private final Action action;
  private List<String> after = List.of();
  private Condition when;
  private String output;
  private List<Gate> gates = List.of();
  private int attempts = 1;
  private Backoff backoff = Backoff.NONE;
  private String mergeInto;
  private int priority = 2;
  private Duration delay;
  private Oversight oversight = Oversight.NONE;
  private String list;
  private Integer parallel;
  private Failure failure = Failure.CANCEL;
  private int quorum;
  private Policies policies = Policies.NONE;
  private List<String> secrets = List.of();

  private Steps(String id, Action action) {
    this.id = id;
    this.action = action;
  }

  static Steps agent(String id) {
    return new Steps(id, new Action.Agent("engineer", "do it", null));
  }

  static Steps command(String id) {
    return new Steps(id, new Action.Command(List.of("true")));
  }

  static Steps code(String id) {
    return new Steps(id, new Action.Code("work", "1"));
  }

  static Steps approval(String id) {
    return new Steps(id, new Action.Approval("go on?"));
  }

  static Steps waiting(String id, Duration delay) {
    return new Steps(id, new Action.Wait()).delay(delay);
  }

  static Steps plan(String id, String template) {
    return new Steps(id, new Action.Plan("architect", "plan it", null, template));
  }

  static Steps pipeline(String id, Pipeline inside, Map<String, String> inputs, String... outputs) {
    return new Steps(id, new Action.SubPipeline(inside, inputs, List.of(outputs)));
  }

  boolean isPlan() {
    return action.kind() == Action.Kind.PLAN;
  }

  boolean mayLaunch() {
    return isPlan() || isPipeline() || action.kind() == Action.Kind.AGENT;
  }

  boolean isPipeline() {
    return action.kind() == Action.Kind.PIPELINE;
  }

  Steps after(String... ids) {
    after = List.of(ids);
    return this;
  }

  Steps when(Condition condition) {
    when = condition;
    return this;
  }

  Steps whenContains(String name, String text) {
    return when(new Condition.Comparison(name, Condition.Operator.CONTAINS, text));
  }

  Steps whenPredicate() {
    return when(new Condition.Predicate("wanted", "1"));
  }

  Steps output(String name) {
    output = name;
    return this;
  }

  Steps gated() {
    gates = List.of(Gate.command("true"));
    return this;
  }

  Steps attempts(int number) {
    attempts = number;
    return this;
  }

  Steps backoff(Duration wait) {
    backoff = Backoff.fixed(wait);
    return this;
  }

  Steps mergeInto(String branch) {
    mergeInto = branch;
    return this;
  }

  Steps delay(Duration wait) {
    delay = wait;
    return this;
  }

  Steps oversight(Oversight all) {
    oversight = all;
    return this;
  }

  boolean onlyWaits() {
    return action.kind() == Action.Kind.WAIT;
  }

  Steps priority(int number) {
    priority = number;
    return this;
  }

  /** For each element of this list. */
  Steps forEach(String name) {
    list = name;
    return this;
  }

  Steps parallel(int most) {
    parallel = most;
    return this;
  }

  Steps keep() {
    failure = Failure.KEEP;
    return this;
  }

  Steps quorum(int enough) {
    failure = Failure.QUORUM;
    quorum = enough;
    return this;
  }

  Steps budget(Budget limits) {
    policies = policies.budget(limits);
    return this;
  }

  Steps failureWindow(FailureWindow rule) {
    policies = policies.failureWindow(rule);
    return this;
  }

  Steps secret(String name) {
    secrets = List.of(name);
    return this;
  }

  Steps policies(Policies all) {
    policies = all;
    return this;
  }

  Step build() {
    Step one = build(action, gates, attempts, backoff, mergeInto);
    if (list == null) {
      return one;
    }
    Step body =
        new Steps(id, action)
            .output(output)
            .priority(priority)
            .oversight(oversight)
            .build(action, gates, attempts, backoff, mergeInto);
    Action each = new Action.ForEach(list, "item", parallel, failure, quorum, body);
    return build(each, List.of(), 1, Backoff.NONE, null);
  }

  private Step build(Action what, List<Gate> gates, int attempts, Backoff backoff, String branch) {
    return new Step(
        id,
        null,
        what,
        after,
        when,
        null,
        output,
        false,
        gates,
        attempts,
        backoff,
        branch,
        Priority.of(priority),
        Limits.DEFAULT,
        false,
        secrets,
        List.of(),
        delay,
        what.kind() == Action.Kind.FOR_EACH ? policies : policies.oversight(oversight));
  }

  /** {@return the step with these in place of its own} */
  static Step with(Step step, Action action, int priority, boolean allowNoOp) {
    return new Step(
        step.id(),
        step.title(),
        action,
        step.after(),
        step.when(),
        step.continues(),
        step.output(),
        step.json(),
        step.gates(),
        step.attempts(),
        step.backoff(),
        step.mergeInto(),
        Priority.of(priority),
        step.limits(),
        allowNoOp,
        step.secrets(),
        step.interceptors(),
        step.delay(),
        step.policies());
  }

  static Pipeline pipeline(Steps... steps) {
    return pipeline(Stream.of(steps).map(Steps::build).toList(), List.of());
  }

  static Pipeline withTemplate(Steps template, Steps... steps) {
    return pipeline(Stream.of(steps).map(Steps::build).toList(), List.of(template.build()));
  }

  static Pipeline pipeline(List<Step> steps, List<Step> templates) {
    return new Pipeline("test", "1", "", steps, templates);
  }

  static Pipeline within(Budget budget, Steps... steps) {
    return within(budget, Stream.of(steps).map(Steps::build).toList(), List.of());
  }

  static Pipeline within(Budget budget, List<Step> steps, List<Step> templates) {
    return new Pipeline("test", "1", "", steps, templates, null, Policies.NONE.budget(budget));
  }
}
