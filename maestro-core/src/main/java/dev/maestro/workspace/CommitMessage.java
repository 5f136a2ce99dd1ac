package dev.maestro.workspace;

import java.util.List;
import java.util.Objects;

/**
 * What a commit says.
 *
 * @param subject the first line; at most 200 characters, no line break
 * @param trailers lines such as {@code Co-Authored-By: Name <address>}
 */
public record CommitMessage(String subject, List<String> trailers) {

  /** Check that each is one line. */
  public CommitMessage {
    Objects.requireNonNull(subject, "subject");
    if (subject.isBlank() || subject.length() > 200 || !isOneLine(subject)) {
      throw new IllegalArgumentException(
          "a commit subject is one line of 1 to 200 characters, not '" + subject + "'");
    }
    trailers = List.copyOf(trailers);
    for (String trailer : trailers) {
      if (trailer.isBlank() || !isOneLine(trailer)) {
        throw new IllegalArgumentException("a trailer is one line, not '" + trailer + "'");
      }
    }
  }

  private static boolean isOneLine(String text) {
    return text.chars().noneMatch(Character::isISOControl);
  }

  /** {@return a message of this one line} */
  public static CommitMessage of(String subject) {
    return new CommitMessage(subject, List.of());
  }

  /** {@return the whole message: subject, and after an empty line the trailers} */
  public String text() {
    return trailers.isEmpty()
        ? subject + "\n"
        : subject + "\n\n" + String.join("\n", trailers) + "\n";
  }
}
