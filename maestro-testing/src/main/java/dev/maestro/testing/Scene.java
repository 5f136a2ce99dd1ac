package dev.maestro.testing;

import dev.maestro.workspace.PathGlobs;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * What a recorded launch found: its prompt and the files of its workspace. A recording that has one
 * is replayed only where both are the same.
 *
 * @param prompt what it was told; {@code ***} stands for a secret, and fits anything
 * @param files what tells the content of each file, by path
 * @param ignored globs of the files that do not matter
 */
public record Scene(String prompt, SortedMap<String, String> files, PathGlobs ignored) {

  private static final int MOST_NAMED = 5;
  private static final int LONGEST = 120;

  /** Copy the map. */
  public Scene {
    Objects.requireNonNull(prompt, "prompt");
    files = Collections.unmodifiableSortedMap(new TreeMap<>(files));
    Objects.requireNonNull(ignored, "ignored");
  }

  static Scene of(String prompt, Path directory, PathGlobs ignored) throws IOException {
    return new Scene(prompt, Footage.of(directory, ignored).fingerprints(), ignored);
  }

  /** {@return what is not as it was when this was recorded, a sentence each} */
  List<String> differences(Scene now) {
    return Stream.concat(promptDifference(now).stream(), fileDifference(now).stream()).toList();
  }

  private List<String> promptDifference(Scene now) {
    List<String> then = prompt.lines().toList();
    List<String> lines = now.prompt.lines().toList();
    for (int i = 0; i < Math.max(then.size(), lines.size()); i++) {
      String was = i < then.size() ? then.get(i) : "";
      String is = i < lines.size() ? lines.get(i) : "";
      if (!Scrub.fits(was, is)) {
        return List.of(
            "line %d of the prompt was \"%s\" and is \"%s\"".formatted(i + 1, cut(was), cut(is)));
      }
    }
    return List.of();
  }

  private static String cut(String line) {
    return line.length() <= LONGEST ? line : line.substring(0, LONGEST) + "…";
  }

  private List<String> fileDifference(Scene now) {
    List<String> differing = new ArrayList<>();
    TreeSet<String> all = new TreeSet<>(files.keySet());
    all.addAll(now.files.keySet());
    for (String path : all) {
      String was = files.get(path);
      String is = now.files.get(path);
      if (!Objects.equals(was, is)) {
        differing.add(path + (is == null ? " is missing" : was == null ? " is new" : " differs"));
      }
    }
    if (differing.size() > MOST_NAMED) {
      int more = differing.size() - MOST_NAMED;
      differing = new ArrayList<>(differing.subList(0, MOST_NAMED));
      differing.add(more + " more files differ");
    }
    return differing.isEmpty()
        ? List.of()
        : List.of("in the workspace, " + String.join(", ", differing));
  }
}
