package dev.maestro.run;

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
}
