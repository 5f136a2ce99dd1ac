package dev.maestro.workspace;

import java.util.List;
import java.util.Objects;

/**
 * How commits are worded: {@code feat: ID - Summary}, and who had a part in it.
 *
 * <p>There is a commit on a task's branch only when its gates have passed, one a task.
 *
 * @param format with or without the kind of change in front
 * @param type the kind of change that tasks make, such as {@code feat}, {@code fix} or {@code
 *     chore}
 * @param coAuthors as {@code Name <address>}, a {@code Co-Authored-By} line each
 */
public record CommitDiscipline(Format format, String type, List<String> coAuthors) {

  /** {@code feat: ID - Summary} without co-authors. */
  public static final CommitDiscipline DEFAULT =
      new CommitDiscipline(Format.CONVENTIONAL, "feat", List.of());

  private static final int LONGEST = 120;

  /** What the first line looks like. */
  public enum Format {
    /** {@code feat: ID - Summary}. */
    CONVENTIONAL,
    /** {@code ID - Summary}. */
    SIMPLE
  }

  /** Check the words. */
  public CommitDiscipline {
    Objects.requireNonNull(format, "format");
    coAuthors = List.copyOf(coAuthors);
    if (!type.matches("[a-z]{1,20}")) {
      throw new IllegalArgumentException(
          "a kind of change is a lower-case word, not '" + type + "'");
    }
    for (String author : coAuthors) {
      if (!author.matches("[^<>\\p{Cntrl}]+ <[^<>\\s]+>")) {
        throw new IllegalArgumentException("a co-author is 'Name <address>', not '" + author + "'");
      }
    }
  }

  /** {@return the same discipline in this format} */
  public CommitDiscipline format(Format wanted) {
    return new CommitDiscipline(wanted, type, coAuthors);
  }

  /** {@return the same discipline for this kind of change} */
  public CommitDiscipline type(String kind) {
    return new CommitDiscipline(format, kind, coAuthors);
  }

  /** {@return the same discipline with these co-authors} */
  public CommitDiscipline coAuthoredBy(String... authors) {
    return new CommitDiscipline(format, type, List.of(authors));
  }

  /**
   * {@return the message of a task's commit; the summary is left out where it says no more than the
   * id}
   */
  public CommitMessage work(String id, String summary) {
    return message(type, id, summary);
  }

  /** {@return the message of a merge} */
  public CommitMessage merge(String id, String summary) {
    return message("chore", id, summary);
  }

  private CommitMessage message(String kind, String id, String summary) {
    String front = format == Format.CONVENTIONAL ? kind + ": " + id : id;
    String back = summary.strip().replaceAll("\\s+", " ").replaceAll("\\p{Cntrl}", "");
    String subject = back.isEmpty() || back.equals(id) ? front : front + " - " + back;
    return new CommitMessage(
        subject.length() <= LONGEST ? subject : subject.substring(0, LONGEST - 1) + "…",
        coAuthors.stream().map(author -> "Co-Authored-By: " + author).toList());
  }
}
