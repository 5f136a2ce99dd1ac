package dev.maestro.process;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** The environment a child process gets, and the marker in it. */
final class Environment {

  /** The variable that names the runs a process belongs to, outermost first. */
  static final String MARKER = "MAESTRO_MARKER";

  /** What a program on Windows cannot start without; none of it exists elsewhere. */
  private static final Set<String> ON_WINDOWS =
      Set.of(
          "SYSTEMROOT",
          "SYSTEMDRIVE",
          "COMSPEC",
          "PATHEXT",
          "TEMP",
          "TMP",
          "USERPROFILE",
          "USERNAME",
          "APPDATA",
          "LOCALAPPDATA",
          "PROGRAMDATA",
          "PROGRAMFILES*");

  private Environment() {}

  /**
   * {@return the whole environment of the child}
   *
   * <p>A host that carries a marker itself, because another Maestro started it, passes that on, so
   * that the outer one still finds everything below it.
   */
  static Map<String, String> of(ProcessSpec spec, Map<String, String> host, String marker) {
    Map<String, String> environment = new HashMap<>();
    host.forEach(
        (name, value) -> {
          if (isInherited(name, spec.inherited())) {
            environment.put(name, value);
          }
        });
    environment.putAll(spec.environment());
    String outer = host.getOrDefault(MARKER, "");
    environment.put(MARKER, outer.isEmpty() ? marker : outer + "," + marker);
    return environment;
  }

  /** {@return the markers in an environment whose entries are ended by NUL} */
  static List<String> markersIn(String environment) {
    List<String> markers = new ArrayList<>();
    String prefix = MARKER + "=";
    for (int at = environment.indexOf(prefix); at >= 0; at = environment.indexOf(prefix, at + 1)) {
      if (at == 0 || environment.charAt(at - 1) == '\0') {
        int end = environment.indexOf('\0', at);
        String value =
            environment.substring(at + prefix.length(), end < 0 ? environment.length() : end);
        markers.addAll(List.of(value.split(",")));
      }
    }
    return markers;
  }

  private static boolean isInherited(String name, Set<String> patterns) {
    if (!isWindows()) {
      return matches(name, patterns);
    }
    String upper = name.toUpperCase(Locale.ROOT);
    return matches(name, patterns) || matches(upper, patterns) || matches(upper, ON_WINDOWS);
  }

  private static boolean matches(String name, Set<String> patterns) {
    return patterns.contains(name) || patterns.stream().anyMatch(p -> startsAs(name, p));
  }

  private static boolean startsAs(String name, String pattern) {
    return pattern.endsWith("*") && name.startsWith(pattern.substring(0, pattern.length() - 1));
  }

  static boolean isWindows() {
    return System.getProperty("os.name", "").startsWith("Windows");
  }
}
