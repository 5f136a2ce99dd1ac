package dev.maestro.pipeline;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.maestro.policy.Budget;
import dev.maestro.task.Cap;
import dev.maestro.task.Money;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A budget as JSON or YAML; what is not limited is left out. */
final class BudgetForm {

  private BudgetForm() {}

  static Optional<Budget> read(Fields fields) {
    Cap limit = cap(fields);
    Optional<Fields> perAttempt = fields.object("perAttempt");
    Cap each = perAttempt.map(BudgetForm::cap).orElse(Cap.NONE);
    perAttempt.ifPresent(Fields::end);
    List<Budget.Breach> onBreach = new ArrayList<>();
    fields.texts("onBreach").forEach(word -> breach(fields, word).ifPresent(onBreach::add));
    String cheaper = fields.text("cheaper").orElse(null);
    Integer output = fields.wholeNumber("output").orElse(null);
    fields.end();
    return fields.attempt("", () -> new Budget(limit, each, onBreach, cheaper, output));
  }

  private static Optional<Budget.Breach> breach(Fields fields, String word) {
    Optional<Budget.Breach> known =
        Arrays.stream(Budget.Breach.values())
            .filter(one -> one.name().toLowerCase(Locale.ROOT).equals(word))
            .findFirst();
    if (known.isEmpty()) {
      fields.problem("onBreach", "must be of ask, degrade, pause, abort, not '" + word + "'");
    }
    return known;
  }

  private static Cap cap(Fields fields) {
    return fields
        .attempt(
            "",
            () ->
                new Cap(
                    fields.longNumber("tokens").orElse(null),
                    fields.parsed("usd", Money::usd).orElse(null),
                    fields.parsed("time", Durations::read).orElse(null),
                    fields.longNumber("turns").orElse(null),
                    fields.longNumber("toolCalls").orElse(null),
                    fields.longNumber("launches").orElse(null)))
        .orElse(Cap.NONE);
  }

  static ObjectNode write(Budget budget) {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    write(node, budget.limit());
    if (!budget.perAttempt().isNone()) {
      write(node.putObject("perAttempt"), budget.perAttempt());
    }
    if (!budget.onBreach().isEmpty()) {
      ArrayNode onBreach = node.putArray("onBreach");
      budget.onBreach().forEach(what -> onBreach.add(what.name().toLowerCase(Locale.ROOT)));
    }
    if (budget.cheaper() != null) {
      node.put("cheaper", budget.cheaper());
    }
    budget.outputLimit().ifPresent(limit -> node.put("output", limit));
    return node;
  }

  private static void write(ObjectNode node, Cap cap) {
    number(node, "tokens", cap.tokens());
    if (cap.money() != null) {
      node.put("usd", cap.money().decimal());
    }
    if (cap.time() != null) {
      node.put("time", Durations.write(cap.time()));
    }
    number(node, "turns", cap.turns());
    number(node, "toolCalls", cap.toolCalls());
    number(node, "launches", cap.launches());
  }

  private static void number(ObjectNode node, String name, @Nullable Long limit) {
    if (limit != null) {
      node.put(name, limit);
    }
  }
}
