package dev.maestro;

import com.tngtech.archunit.core.domain.JavaClass;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The package table of {@code docs/architecture.md}, the one place where the layers are written
 * down.
 *
 * @param layers the layer of each package; the root package has no name
 * @param toCome the packages whose feature is still to come
 */
record PackageTable(Map<String, Integer> layers, Set<String> toCome) {

  private static final String ROOT = "dev.maestro";
  private static final Pattern ROW =
      Pattern.compile("\\| (?<layer>\\d+) \\| (?<packages>[^|]+) \\| (?<what>[^|]+) \\|");
  private static final Pattern NAME = Pattern.compile("`(\\w+)`");

  static PackageTable read() throws IOException {
    Map<String, Integer> layers = new TreeMap<>();
    Set<String> toCome = new TreeSet<>();
    for (String line : Files.readAllLines(Path.of("..", "docs", "architecture.md"))) {
      Matcher row = ROW.matcher(line);
      if (row.matches()) {
        int layer = Integer.parseInt(row.group("layer"));
        if (row.group("packages").equals("root")) {
          layers.put("", layer);
        }
        Matcher name = NAME.matcher(row.group("packages"));
        while (name.find()) {
          layers.put(name.group(1), layer);
          if (row.group("what").contains("(to come)")) {
            toCome.add(name.group(1));
          }
        }
      }
    }
    return new PackageTable(layers, toCome);
  }

  /** {@return the package as the table names it, with a point in it when it lies too deep} */
  static String nameOf(JavaClass type) {
    String name = type.getPackageName();
    return name.equals(ROOT) ? "" : name.substring(ROOT.length() + 1);
  }

  boolean mayUse(JavaClass user, JavaClass used) {
    String from = nameOf(user);
    String to = nameOf(used);
    return from.equals(to) || layer(to) < layer(from);
  }

  private int layer(String name) {
    return layers.getOrDefault(name, Integer.MAX_VALUE);
  }
}
