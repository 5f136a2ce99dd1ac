package dev.maestro.run;

import java.util.List;

/** Plans as agents write them. */
final class Plans {

  private Plans() {}

  static String of(String... ids) {
    return lines(List.of(ids));
  }

  @SafeVarargs
  static String inPhases(List<String>... phases) {
    StringBuilder text = new StringBuilder("```tasks\n");
    for (int i = 0; i < phases.length; i++) {
      text.append("## Phase ").append(i + 1).append(": part ").append(i + 1).append('\n');
      text.append(lines(phases[i]));
    }
    return text.append("```\n").toString();
  }

  private static String lines(List<String> ids) {
    StringBuilder text = new StringBuilder();
    ids.forEach(id -> text.append("- [ ] ").append(id).append(": do it | File: src/A.java\n"));
    return text.toString();
  }
}
