package dev.maestro.run;

import dev.maestro.approval.Shown;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A question that people have said yes to, with what it showed.
 *
 * @param text what was asked
 * @param hash what was shown, or null for nothing but the text
 * @param ofWork whether it was about the work of one attempt, and says nothing about another's
 */
record Approved(String text, @Nullable String hash, boolean ofWork) {

  boolean isAbout(String question, @Nullable Shown shown) {
    return text.equals(question) && Objects.equals(hash, shown == null ? null : shown.hash());
  }
}
