package dev.maestro.policy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Options whose values a program runs.
 *
 * @param names long ones, which may be cut short; behind a single hyphen they are whole
 * @param ending what else long ones end with; empty for nothing
 * @param letters short ones, alone or in a cluster
 * @param valued short ones with another value
 */
record TextOptions(Set<String> names, String ending, String letters, String valued) {

  /** A shorter beginning of a long option may be that of any. */
  private static final int SHORTEST = 2;

  private static final TextOptions TAR =
      named(
              "to-command",
              "use-compress-program",
              "info-script",
              "new-volume-script",
              "rsh-command",
              "rmt-command")
          .orShort("IF", "fCTXbLgHKN");

  private static final Map<String, TextOptions> ALL =
      Map.ofEntries(
          Map.entry("rsync", named("rsh", "rsync-path").orShort("e", "fBTM")),
          Map.entry("tar", TAR),
          Map.entry("bsdtar", TAR),
          Map.entry("zip", named("unzip-command", "TT")),
          Map.entry("sort", named("compress-program")),
          Map.entry("split", named("filter")),
          Map.entry("rg", named("pre")),
          Map.entry("man", named("pager", "html").orShort("PH", "CRLMSsmer")),
          Map.entry("scp", named().orShort("S", "cDFiloPX")),
          Map.entry("sftp", named().orShort("S", "BbcDFiloPRsX")),
          Map.entry("nc", named("exec", "sh-exec").orShort("ec", "pswWiqXITVObx")),
          Map.entry("ncat", named("exec", "sh-exec").orShort("ec", "pswWiqXITVObx")),
          Map.entry("netcat", named("exec", "sh-exec").orShort("ec", "pswWiqXITVObx")),
          Map.entry("script", named("command").orShort("c", "EImoBT")),
          Map.entry("fish", named("init-command").orShort("C", "codp")),
          Map.entry("just", named("command").orShort("c", "dfE")));

  static TextOptions named(String... names) {
    return new TextOptions(Set.of(names), "", "", "");
  }

  static TextOptions ending(String ending) {
    return new TextOptions(Set.of(), ending, "", "");
  }

  TextOptions orShort(String letters, String valued) {
    return new TextOptions(names, ending, letters, valued);
  }

  /** {@return those of a program, or null} */
  static @Nullable TextOptions of(String program) {
    return ALL.get(program);
  }

  /** {@return the values of these options among words} */
  List<String> in(List<String> words) {
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < words.size(); i++) {
      String word = words.get(i);
      String next = i + 1 < words.size() ? words.get(i + 1) : "";
      String value = value(word, next);
      if (value != null && !value.isBlank()) {
        texts.add(value);
      }
    }
    return texts;
  }

  private @Nullable String value(String word, String next) {
    if (!word.startsWith("-")) {
      return null;
    }
    String option = word.replaceFirst("^--?", "");
    int at = option.indexOf('=');
    String name = at < 0 ? option : option.substring(0, at);
    boolean isLong = word.startsWith("--") ? isNamed(name) : names.contains(name);
    if (isLong) {
      return at < 0 ? next : option.substring(at + 1);
    }
    return word.startsWith("--") ? null : shortValue(word, next);
  }

  private boolean isNamed(String name) {
    return !ending.isEmpty() && name.endsWith(ending)
        || name.length() >= SHORTEST && names.stream().anyMatch(each -> each.startsWith(name));
  }

  /** In a cluster the first option with a value has the rest of it as its value. */
  private @Nullable String shortValue(String cluster, String next) {
    for (int i = 1; i < cluster.length(); i++) {
      if (letters.indexOf(cluster.charAt(i)) >= 0) {
        return i == cluster.length() - 1 ? next : cluster.substring(i + 1);
      } else if (valued.indexOf(cluster.charAt(i)) >= 0) {
        return null;
      }
    }
    return null;
  }
}
