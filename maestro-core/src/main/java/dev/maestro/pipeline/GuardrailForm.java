package dev.maestro.pipeline;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.maestro.policy.CommandGuard;
import dev.maestro.policy.CommandRule;
import dev.maestro.policy.CommandRules;
import dev.maestro.policy.Guardrail;
import dev.maestro.policy.HostGuard;
import dev.maestro.policy.InjectionGuard;
import dev.maestro.policy.PathGuard;
import dev.maestro.policy.SecretGuard;
import dev.maestro.policy.TermGuard;
import dev.maestro.policy.TermList;
import dev.maestro.policy.ToolGuard;
import dev.maestro.policy.WriteGuard;
import dev.maestro.workspace.PathGlobs;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A guardrail in a file: its rule, and what is not its default. */
final class GuardrailForm {

  private static final List<String> RULES =
      List.of(
          TermGuard.RULE,
          PathGuard.RULE,
          CommandGuard.RULE,
          WriteGuard.RULE,
          SecretGuard.RULE,
          InjectionGuard.RULE,
          HostGuard.RULE,
          ToolGuard.RULE);

  private GuardrailForm() {}

  // ------------------------------------------------------------------ reading

  static Optional<Guardrail> read(Fields fields) {
    String rule = fields.text("rule").orElse("");
    Optional<? extends Guardrail> guardrail =
        switch (rule) {
          case TermGuard.RULE ->
              fields.has("terms")
                  ? fields.attempt("terms", () -> new TermGuard(terms(fields)))
                  : Optional.of(new TermGuard(TermList.DESTRUCTIVE));
          case PathGuard.RULE ->
              fields.attempt("paths", () -> new PathGuard(new PathGlobs(fields.texts("paths"))));
          case CommandGuard.RULE -> commands(fields);
          case WriteGuard.RULE -> writes(fields);
          case SecretGuard.RULE ->
              Optional.of(
                  new SecretGuard(
                      isTheOther(fields, "answer", List.of("redact", "refuse")).orElse(false)));
          case InjectionGuard.RULE ->
              fields.has("terms")
                  ? fields.attempt("terms", () -> new InjectionGuard(terms(fields)))
                  : Optional.of(new InjectionGuard(InjectionGuard.MARKERS));
          case HostGuard.RULE ->
              fields.attempt("allow", () -> new HostGuard(fields.texts("allow")));
          case ToolGuard.RULE -> {
            List<String> deny = fields.texts("deny");
            yield fields.attempt("allow", () -> new ToolGuard(fields.texts("allow"), deny));
          }
          default -> unknown(fields, rule);
        };
    fields.end();
    return guardrail.map(found -> found);
  }

  private static TermList terms(Fields fields) {
    return new TermList(fields.texts("terms"));
  }

  private static Optional<Guardrail> commands(Fields fields) {
    if (!fields.has("rules")) {
      return Optional.of(new CommandGuard(CommandRules.DEFAULT));
    }
    List<CommandRule> rules = new ArrayList<>();
    for (Fields rule : fields.objects("rules")) {
      commandRule(rule).ifPresent(rules::add);
      rule.end();
    }
    return Optional.of(new CommandGuard(new CommandRules(rules)));
  }

  private static Optional<CommandRule> commandRule(Fields fields) {
    String program = fields.text("program").orElse("");
    List<String> first = fields.texts("first");
    List<Set<String>> options = fields.textLists("options").stream().map(Set::copyOf).toList();
    String argument = fields.text("argument").orElse("");
    boolean asks = isTheOther(fields, "answer", List.of("deny", "ask")).orElse(false);
    return fields.attempt(
        "program", () -> new CommandRule(program, first, options, argument, asks));
  }

  private static Optional<Guardrail> writes(Fields fields) {
    List<String> only = fields.texts("only");
    Integer files = fields.wholeNumber("files").orElse(null);
    Integer lines = fields.wholeNumber("lines").orElse(null);
    return fields.attempt("only", () -> new WriteGuard(new PathGlobs(only), files, lines));
  }

  /** {@return whether a field says the second of two words, the first being the default} */
  private static Optional<Boolean> isTheOther(Fields fields, String name, List<String> words) {
    return fields.parsed(
        name,
        text -> {
          if (!words.contains(text)) {
            throw new IllegalArgumentException("must be " + String.join(" or ", words));
          }
          return text.equals(words.get(1));
        });
  }

  private static Optional<Guardrail> unknown(Fields fields, String rule) {
    fields.problem("rule", "must be one of " + String.join(", ", RULES) + ", not '" + rule + "'");
    return Optional.empty();
  }

  // ------------------------------------------------------------------ writing

  static ObjectNode write(Guardrail guardrail) {
    ObjectNode node = object().put("rule", guardrail.rule());
    if (guardrail instanceof TermGuard terms) {
      terms(node, terms.list(), TermList.DESTRUCTIVE);
    } else if (guardrail instanceof PathGuard paths) {
      texts(node, "paths", paths.protectedPaths().patterns());
    } else if (guardrail instanceof CommandGuard commands) {
      if (!commands.rules().equals(CommandRules.DEFAULT)) {
        ArrayNode rules = node.putArray("rules");
        commands.rules().rules().forEach(rule -> rules.add(commandRule(rule)));
      }
    } else if (guardrail instanceof WriteGuard writes) {
      some(node, "only", writes.only().patterns());
      number(node, "files", writes.files());
      number(node, "lines", writes.lines());
    } else if (guardrail instanceof SecretGuard secrets) {
      if (secrets.refuses()) {
        node.put("answer", "refuse");
      }
    } else if (guardrail instanceof InjectionGuard injection) {
      terms(node, injection.markers(), InjectionGuard.MARKERS);
    } else if (guardrail instanceof HostGuard hosts) {
      texts(node, "allow", hosts.allowed());
    } else if (guardrail instanceof ToolGuard tools) {
      some(node, "allow", tools.allow());
      some(node, "deny", tools.deny());
    }
    return node;
  }

  private static void terms(ObjectNode node, TermList list, TermList standard) {
    if (!list.equals(standard)) {
      texts(node, "terms", list.terms());
    }
  }

  private static ObjectNode commandRule(CommandRule rule) {
    ObjectNode node = object().put("program", rule.program());
    some(node, "first", rule.first());
    if (!rule.options().isEmpty()) {
      ArrayNode options = node.putArray("options");
      for (Set<String> spellings : rule.options()) {
        ArrayNode one = options.addArray();
        spellings.stream().sorted().forEach(one::add);
      }
    }
    if (!rule.argument().isEmpty()) {
      node.put("argument", rule.argument());
    }
    if (rule.asks()) {
      node.put("answer", "ask");
    }
    return node;
  }

  private static void number(ObjectNode node, String name, @Nullable Integer value) {
    if (value != null) {
      node.put(name, value);
    }
  }

  private static void some(ObjectNode node, String name, List<String> values) {
    if (!values.isEmpty()) {
      texts(node, name, values);
    }
  }

  private static void texts(ObjectNode node, String name, List<String> values) {
    values.forEach(node.putArray(name)::add);
  }

  private static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }
}
