package dev.maestro.pipeline;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * An immutable, named, versioned graph of steps: data, the same in Java, YAML and JSON.
 *
 * @param name what runs are listed by
 * @param version the application's own; starts at {@code 1}
 * @param description for people; may be empty
 * @param steps in declaration order
 * @param templates steps that only plans make tasks from, in declaration order
 */
public record Pipeline(
    String name, String version, String description, List<Step> steps, List<Step> templates) {

  /** Check that nothing is missing, and copy the lists. */
  public Pipeline {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(version, "version");
    Objects.requireNonNull(description, "description");
    steps = List.copyOf(steps);
    templates = List.copyOf(templates);
  }

  /** {@return the step with this id, if there is one} */
  public Optional<Step> step(String id) {
    return steps.stream().filter(step -> step.id().equals(id)).findFirst();
  }

  /** {@return the template with this id, if there is one} */
  public Optional<Step> template(String id) {
    return templates.stream().filter(step -> step.id().equals(id)).findFirst();
  }

  /** {@return the steps by id, in declaration order} */
  public Map<String, Step> stepsById() {
    Map<String, Step> byId = new LinkedHashMap<>();
    steps.forEach(step -> byId.put(step.id(), step));
    return byId;
  }
}
