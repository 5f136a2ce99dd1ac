package dev.maestro.pipeline;

import dev.maestro.pipeline.Condition.Comparison;
import dev.maestro.pipeline.Template.Fault;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * The names that one step uses.
 *
 * @param uses each name and the field that uses it, in order
 * @param faults what is wrong with its templates, by field
 */
record Uses(List<Use> uses, Map<String, List<Fault>> faults) {

  /** The field of a condition. */
  static final String WHEN = "when";

  /** The field of the list to go over. */
  static final String FOR_EACH = "forEach";

  /**
   * A name in a field.
   *
   * @param field such as {@code prompt} or {@code command[1]}
   * @param name of an input, an output or a property of the item
   */
  record Use(String field, String name) {}

  static Uses of(Step step) {
    Uses found = new Uses(new ArrayList<>(), new LinkedHashMap<>());
    if (step.action() instanceof Action.ForEach each) {
      found.add(each);
    } else {
      for (Map.Entry<String, String> template : templates(step.action()).entrySet()) {
        found.add(template.getKey(), template.getValue());
      }
    }
    if (step.when() instanceof Comparison comparison) {
      found.uses.add(new Use(WHEN, comparison.name()));
    }
    return found;
  }

  /** The element of a list is no name of anything around. */
  private void add(Action.ForEach each) {
    uses.add(new Use(FOR_EACH, each.list()));
    Uses body = of(each.body());
    body.uses.stream().filter(use -> !each.names(use.name())).forEach(uses::add);
    faults.putAll(body.faults);
  }

  private void add(String field, String text) {
    List<Fault> wrong = new ArrayList<>();
    Template.parse(text, wrong).variables().forEach(name -> uses.add(new Use(field, name)));
    if (!wrong.isEmpty()) {
      faults.put(field, wrong);
    }
  }

  private static Map<String, String> templates(Action action) {
    if (action instanceof Action.Agent agent) {
      return Map.of("prompt", agent.prompt());
    }
    if (action instanceof Action.Plan plan) {
      return Map.of("prompt", plan.prompt());
    }
    if (action instanceof Action.Approval approval) {
      return Map.of("approval", approval.question());
    }
    Map<String, String> words = new LinkedHashMap<>();
    if (action instanceof Action.SubPipeline sub) {
      sub.inputs().forEach((name, text) -> words.put("inputs." + name, text));
    } else if (action instanceof Action.Command command) {
      for (int i = 0; i < command.command().size(); i++) {
        words.put(Fields.at("command", i), command.command().get(i));
      }
    }
    return words;
  }

  /** {@return whether what is done for each element can know which element it is done for} */
  static boolean usesElement(Action.ForEach each) {
    Step body = each.body();
    boolean inside = body.inside().filter(pipeline -> uses(pipeline, each::names)).isPresent();
    return inside || body.sees(each.as()) || of(body).names(each::names);
  }

  private static boolean uses(Pipeline pipeline, Predicate<String> name) {
    return Stream.of(pipeline.steps(), pipeline.templates())
        .flatMap(List::stream)
        .anyMatch(step -> readsEverything(step) || of(step).names(name));
  }

  private boolean names(Predicate<String> name) {
    return uses.stream().map(Use::name).anyMatch(name);
  }

  /** {@return whether code of the application runs, which may look at every value it can see} */
  static boolean readsEverything(Step step) {
    return step.body().action() instanceof Action.Code
        || step.when() instanceof Condition.Predicate;
  }
}
