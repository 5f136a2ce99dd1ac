package dev.maestro.testing.crash;

import dev.maestro.task.RunStatus;
import java.nio.file.Path;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which points a crash matrix tried and what each ended in.
 *
 * @param pipeline the pipeline's name
 * @param end how the run ends when nobody disturbs it: what every crash was compared with
 * @param records how many records the journal of an undisturbed run has
 * @param killPoints how many points there are at which a JVM can be killed
 * @param seed chooses the sample; the same seed chooses the same points
 * @param tried every point that was tried
 */
public record CrashReport(
    String pipeline, RunStatus end, int records, int killPoints, long seed, List<Tried> tried) {

  private static final int SHOWN = 20;

  /** Copy the list. */
  public CrashReport {
    tried = List.copyOf(tried);
  }

  /**
   * A point that was tried.
   *
   * @param point what was done
   * @param ending what came of it
   * @param problems what no rule allows; empty unless the ending is {@link CrashEnding#DIFFERENT}
   * @param kept where everything lies that is left of it, or null when nothing is
   */
  public record Tried(
      CrashPoint point, CrashEnding ending, List<String> problems, @Nullable Path kept) {

    /** Copy the list. */
    public Tried {
      problems = List.copyOf(problems);
    }

    @Override
    public String toString() {
      StringBuilder text = new StringBuilder().append(point).append(" -> ").append(ending);
      problems.forEach(problem -> text.append("\n    ").append(problem));
      return kept == null ? text.toString() : text.append("\n    kept in ").append(kept).toString();
    }
  }

  /** {@return how many points of this kind ended so} */
  public long count(CrashPoint.Kind kind, CrashEnding ending) {
    return tried.stream()
        .filter(one -> one.point().kind() == kind && one.ending() == ending)
        .count();
  }

  /** {@return how many points ended so} */
  public long count(CrashEnding ending) {
    return tried.stream().filter(one -> one.ending() == ending).count();
  }

  /** {@return the points whose ending no rule allows} */
  public List<Tried> different() {
    return tried.stream().filter(one -> one.ending() == CrashEnding.DIFFERENT).toList();
  }

  /**
   * Check that every point ended as it should.
   *
   * @throws AssertionError when one did not, with what came out, or when no JVM was killed where it
   *     should have been: damaging what an undisturbed run has left proves nothing of kills
   */
  void orThrow() {
    List<Tried> different = different();
    if (!different.isEmpty()) {
      StringBuilder text = new StringBuilder().append(this).append('\n');
      different.stream().limit(SHOWN).forEach(one -> text.append(one).append('\n'));
      throw new AssertionError(text);
    }
    boolean killed =
        tried.stream()
            .filter(one -> one.point().kind().isKill())
            .anyMatch(one -> one.ending() != CrashEnding.NOT_REACHED);
    if (!killed) {
      throw new AssertionError("no point was reached\n" + this);
    }
  }

  /** {@return a table of the points by kind, for people} */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    text.append(
        format(
            "Crash matrix of '%s', which ends %s: %d records, %d kill points; %d points tried, seed"
                + " %d%n",
            pipeline, end, records, killPoints, tried.size(), seed));
    text.append(format("%-30s %7s", "", "tried"));
    for (CrashEnding ending : CrashEnding.values()) {
      text.append(format(" %12s", ending));
    }
    byKind().forEach((kind, points) -> text.append(row(kind.toString(), points)));
    return text.append(row("all", tried)).append('\n').toString();
  }

  private Map<CrashPoint.Kind, List<Tried>> byKind() {
    Map<CrashPoint.Kind, List<Tried>> byKind = new EnumMap<>(CrashPoint.Kind.class);
    for (CrashPoint.Kind kind : CrashPoint.Kind.values()) {
      List<Tried> points = tried.stream().filter(one -> one.point().kind() == kind).toList();
      if (!points.isEmpty()) {
        byKind.put(kind, points);
      }
    }
    return byKind;
  }

  private static String row(String name, Collection<Tried> points) {
    StringBuilder row = new StringBuilder(format("%n%-30s %7d", name, points.size()));
    for (CrashEnding ending : CrashEnding.values()) {
      row.append(format(" %12d", points.stream().filter(one -> one.ending() == ending).count()));
    }
    return row.toString();
  }

  private static String format(String pattern, Object... values) {
    return String.format(Locale.ROOT, pattern, values);
  }
}
