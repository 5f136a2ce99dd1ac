package dev.maestro;

import dev.maestro.task.Actor;
import dev.maestro.task.Tenant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * Whose run it is and what hangs on it.
 *
 * @param tenant whose
 * @param actor who starts it
 * @param labels whatever the application wants to find it by
 */
public record RunOptions(Tenant tenant, Actor actor, Map<String, String> labels) {

  /** Copy the labels. */
  public RunOptions {
    Objects.requireNonNull(tenant, "tenant");
    Objects.requireNonNull(actor, "actor");
    labels = Map.copyOf(labels);
  }

  /** {@return options without labels} */
  public static RunOptions of(Tenant tenant, Actor actor) {
    return new RunOptions(tenant, actor, Map.of());
  }

  /** {@return the same options and this label} */
  public RunOptions label(String name, String value) {
    Map<String, String> more = new LinkedHashMap<>(labels);
    more.put(name, value);
    return new RunOptions(tenant, actor, more);
  }
}
