package dev.maestro.attempt;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.maestro.agent.AgentEvent;
import dev.maestro.agent.PermissionDecision;
import dev.maestro.agent.PermissionRequest;
import dev.maestro.json.Json;
import dev.maestro.policy.Finding;
import dev.maestro.policy.Guardrail;
import dev.maestro.policy.Judgment;
import dev.maestro.policy.Numbers;
import dev.maestro.policy.Place;
import dev.maestro.policy.Reach;
import dev.maestro.policy.Subject;
import dev.maestro.policy.Verdict;
import dev.maestro.task.Reason;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Answers an agent that asks before it uses a tool, and looks at the tools that it uses without
 * asking and at what they bring back.
 *
 * <p>What is refused is denied, and the turn goes on. What needs a person is denied, and the turn
 * is ended. What is done without asking and is not let through ends the turn, whatever it is. What
 * nobody has anything to say about is denied to an agent that asks, unless its provider's own
 * settings grant it.
 */
final class ToolUses {

  private static final String RULE = "tools";
  private static final int MOST_IN_FULL = 50;

  private final AttemptContext context;
  private final Function<String, Reach.Target> where;
  private final Secrets secrets;
  private final Runnable end;
  // guarded by this: an agent may ask on another thread than the one that launched it
  private final List<PermissionRequest> asked = new ArrayList<>();
  private final Map<String, String> tools = new HashMap<>();
  private final Map<Judgment.Answer, Integer> more = new HashMap<>();
  private @Nullable Verdict stop;
  private final Map<Judgment.Answer, Integer> judged = new HashMap<>();

  /** Look at the tools of one launch; {@code end} ends the turn and does not wait for that. */
  ToolUses(
      AttemptContext context, Function<String, Reach.Target> where, Secrets secrets, Runnable end) {
    this.context = context;
    this.where = where;
    this.secrets = secrets;
    this.end = end;
  }

  /** {@return whether there is any rule to ask} */
  private boolean isOff() {
    return context.policies().guardrails().isEmpty();
  }

  synchronized PermissionDecision permit(PermissionRequest request) {
    if (isOff()) {
      return request.granted() ? PermissionDecision.allow() : denied(request);
    }
    asked.add(new PermissionRequest(request.tool(), request.input()));
    Subject.Tool tool = tool(request.tool(), request.input());
    Judging found = judge(tool);
    if (found.isSilent() && request.granted()) {
      return PermissionDecision.allow();
    }
    if (found.isSilent()) {
      found = silence(tool);
    }
    record(found.judgment(tool));
    Verdict verdict = found.verdict();
    if (verdict instanceof Verdict.Refuse refuse) {
      return PermissionDecision.deny(refuse.why());
    } else if (verdict instanceof Verdict.Ask ask) {
      stop(ask);
      return PermissionDecision.deny("a person has to decide: " + ask.question());
    }
    return PermissionDecision.allow();
  }

  /** That it was kept from something belongs on the run, rules or none. */
  private PermissionDecision denied(PermissionRequest request) {
    Subject.Tool tool = tool(request.tool(), request.input());
    record(silence(tool).judgment(tool));
    return PermissionDecision.deny("nobody is there to allow it");
  }

  /** An agent that has asked says afterwards that it uses the tool, or tried to. */
  synchronized void used(AgentEvent.ToolUse use) {
    if (isOff()) {
      return;
    }
    tools.put(use.id(), use.tool());
    if (asked.remove(new PermissionRequest(use.tool(), use.input()))) {
      return;
    }
    Subject.Tool tool = tool(use.tool(), use.input());
    Judging found = judge(tool);
    record(found.judgment(tool));
    stopUnlessProceeds(found.verdict());
  }

  synchronized void fetched(AgentEvent.ToolResult result) {
    if (isOff() || !result.ok()) {
      return;
    }
    String tool = tools.getOrDefault(result.id(), "?");
    Judging found = judge(new Subject.Fetched(tool, secrets.apply(result.output())));
    if (!(found.verdict() instanceof Verdict.Proceed)) {
      record(found.judgment());
      stopUnlessProceeds(found.verdict());
    }
  }

  /** {@return what ended the turn, if a rule did} */
  synchronized Optional<Verdict> stop() {
    return Optional.ofNullable(stop);
  }

  /** Put those into the chain that were only counted. */
  synchronized void count() {
    if (more.isEmpty()) {
      return;
    }
    Numbers numbers = Numbers.NONE;
    for (Judgment.Answer answer : Judgment.Answer.values()) {
      if (more.containsKey(answer)) {
        numbers = numbers.with(answer.name().toLowerCase(Locale.ROOT), more.get(answer));
      }
    }
    String detail = "decisions after the first " + MOST_IN_FULL + " of each kind";
    context.tell(Judgment.of(RULE, Place.TOOL, Verdict.proceed(), numbers).detail(detail));
    more.clear();
  }

  private void record(Judgment judgment) {
    if (judged.merge(judgment.answer(), 1, Integer::sum) <= MOST_IN_FULL) {
      context.tell(judgment);
    } else {
      more.merge(judgment.answer(), 1, Integer::sum);
    }
  }

  private void stopUnlessProceeds(Verdict verdict) {
    if (!(verdict instanceof Verdict.Proceed)) {
      stop(verdict);
    }
  }

  private void stop(Verdict verdict) {
    if (stop == null) {
      stop = context.hiding(verdict);
      end.run();
    }
  }

  // ------------------------------------------------------------------ what the rules say

  /** What decides of what all rules say: one that refuses, then one that asks, then the first. */
  private record Judging(String rule, Finding finding, Place place, boolean isSilent) {

    Verdict verdict() {
      return finding.verdict();
    }

    Judgment judgment() {
      return Judgment.of(rule, place, verdict(), finding.numbers());
    }

    Judgment judgment(Subject.Tool tool) {
      return verdict() instanceof Verdict.Ask ? judgment() : judgment().detail(described(tool));
    }

    private String described(Subject.Tool tool) {
      String what = tool.does().shown();
      return verdict() instanceof Verdict.Refuse refuse ? what + ": " + refuse.why() : what;
    }
  }

  private Judging judge(Subject subject) {
    Judging decisive = new Judging(RULE, Finding.of(Verdict.proceed()), subject.place(), true);
    for (Guardrail guardrail : context.policies().guardrails()) {
      Optional<Finding> finding = guardrail.check(subject).map(this::withAnswers);
      if (finding.isPresent()) {
        Judging next = new Judging(guardrail.rule(), finding.get(), subject.place(), false);
        decisive = weight(next) > weight(decisive) ? next : decisive;
      }
    }
    return decisive;
  }

  /** What a person has allowed already is not asked again. */
  private Finding withAnswers(Finding finding) {
    return finding.verdict() instanceof Verdict.Ask ask && context.isApproved(ask)
        ? new Finding(Verdict.proceed(), finding.numbers())
        : finding;
  }

  private static int weight(Judging judging) {
    if (judging.verdict() instanceof Verdict.Refuse) {
      return 3;
    }
    return judging.verdict() instanceof Verdict.Proceed ? judging.isSilent() ? 0 : 1 : 2;
  }

  private static Judging silence(Subject.Tool tool) {
    String why = "nobody allows the tool '" + tool.name() + "'";
    Verdict verdict = new Verdict.Refuse(Reason.GUARDRAIL_BLOCKED, why, false);
    return new Judging(RULE, Finding.of(verdict), Place.TOOL, false);
  }

  private Subject.Tool tool(String name, String input) {
    return new Subject.Tool(name, Reach.ofTool(name, read(input), where).hiding(secrets));
  }

  /** Text that is no JSON may hold anything, so it is read as a command. */
  private static JsonNode read(String input) {
    try {
      return Json.read(input);
    } catch (JsonProcessingException e) {
      return JsonNodeFactory.instance.objectNode().put("command", input);
    }
  }
}
