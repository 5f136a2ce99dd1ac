package dev.maestro.pipeline;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.maestro.approval.Asking;
import dev.maestro.policy.AutonomyLevel;
import dev.maestro.policy.Oversight;
import dev.maestro.policy.Signoff;
import dev.maestro.policy.Tiers;
import dev.maestro.task.Risk;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What people have to say about a step, in a file. */
final class OversightForm {

  private OversightForm() {}

  // ------------------------------------------------------------------ reading

  static Oversight read(Fields fields) {
    Oversight read =
        new Oversight(
            constant(fields, "risk", Risk.class),
            constant(fields, "autonomy", AutonomyLevel.class),
            fields.object("signOff").flatMap(OversightForm::tiers).orElse(null),
            fields.isTrue("review"),
            fields.isTrue("rollback"),
            fields.isTrue("claimed"),
            fields.object("asking").flatMap(OversightForm::asking).orElse(null));
    fields.end();
    return read;
  }

  private static Optional<Tiers> tiers(Fields fields) {
    Signoff low = signoff(fields, "low");
    Signoff medium = signoff(fields, "medium");
    Signoff high = signoff(fields, "high");
    fields.end();
    return fields.attempt("low", () -> new Tiers(low, medium, high));
  }

  private static Signoff signoff(Fields fields, String name) {
    if (!fields.has(name)) {
      fields.problem(name, "says when a person has to agree to work of this risk");
    }
    Signoff read = constant(fields, name, Signoff.class);
    return read == null ? Signoff.NONE : read;
  }

  private static Optional<Asking> asking(Fields fields) {
    Duration within = fields.parsed("within", Durations::read).orElse(null);
    int quorum = fields.wholeNumber("quorum").orElse(Asking.DEFAULT.quorum());
    fields.end();
    return fields.attempt("", () -> new Asking(within, quorum));
  }

  private static <E extends Enum<E>> @Nullable E constant(
      Fields fields, String name, Class<E> type) {
    return fields.parsed(name, word -> constant(type, word)).orElse(null);
  }

  private static <E extends Enum<E>> E constant(Class<E> type, String word) {
    for (E one : type.getEnumConstants()) {
      if (word(one).equals(word)) {
        return one;
      }
    }
    String all =
        Stream.of(type.getEnumConstants())
            .map(OversightForm::word)
            .collect(Collectors.joining(", "));
    throw new IllegalArgumentException("must be one of " + all + ", not '" + word + "'");
  }

  // ------------------------------------------------------------------ writing

  static ObjectNode write(Oversight oversight) {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    put(node, "risk", oversight.risk());
    put(node, "autonomy", oversight.autonomy());
    if (oversight.tiers() != null) {
      ObjectNode tiers = node.putObject("signOff");
      put(tiers, "low", oversight.tiers().low());
      put(tiers, "medium", oversight.tiers().medium());
      put(tiers, "high", oversight.tiers().high());
    }
    put(node, "review", oversight.review());
    put(node, "rollback", oversight.rollback());
    put(node, "claimed", oversight.claimed());
    if (oversight.asking() != null) {
      write(node.putObject("asking"), oversight.asking());
    }
    return node;
  }

  private static void write(ObjectNode node, Asking asking) {
    if (asking.patience() != null) {
      node.put("within", asking.patience().toString());
    }
    if (asking.quorum() != Asking.DEFAULT.quorum()) {
      node.put("quorum", asking.quorum());
    }
  }

  private static void put(ObjectNode node, String name, @Nullable Enum<?> value) {
    if (value != null) {
      node.put(name, word(value));
    }
  }

  private static void put(ObjectNode node, String name, boolean value) {
    if (value) {
      node.put(name, true);
    }
  }

  private static String word(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
