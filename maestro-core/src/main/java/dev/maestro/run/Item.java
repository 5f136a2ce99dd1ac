package dev.maestro.run;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One line of a plan, as the task made from it knows it.
 *
 * @param id the line's own id, such as {@code T001}
 * @param text what to do
 * @param file where, or null when the line does not say
 * @param phase the phase's heading, or null outside of phases
 * @param position counted from 1 over the whole plan
 * @param total how many lines the plan has
 */
public record Item(
    String id,
    String text,
    @Nullable String file,
    @Nullable String phase,
    int position,
    int total) {

  /** Check that nothing required is missing. */
  public Item {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(text, "text");
  }

  /** {@return what templates and conditions see of it, by name: {@code item.id} and so on} */
  public Map<String, String> values() {
    Map<String, String> values = new LinkedHashMap<>();
    values.put("item.id", id);
    values.put("item.text", text);
    values.put("item.file", file == null ? "" : file);
    values.put("item.phase", phase == null ? "" : phase);
    values.put("item.position", position + " of " + total);
    return values;
  }
}
