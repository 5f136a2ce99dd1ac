package dev.maestro.policy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Files that stand in the code of a program, in an argument or a document, and may be written. */
final class CodePaths {

  private static final Pattern OF_AWK = Pattern.compile(">{1,2}\\s*\"([^\"]+)\"");

  /** Behind an address, if any, and a command that writes, or that opens what is written next. */
  private static final Pattern OF_VI =
      Pattern.compile(
          "(?m)(?:^|[|:+])[\\s:0-9,.$%']*"
              + "(?:wq?|wri(?:te?)?|up(?:d(?:ate)?)?|sav(?:eas)?|x(?:it)?|e|ed(?:it)?|f(?:ile)?)"
              + "!?\\s+(?:>>\\s*)?([^\\s|!]+)");

  private static final Map<String, Pattern> ALL =
      Map.ofEntries(
          Map.entry("awk", OF_AWK),
          Map.entry("gawk", OF_AWK),
          Map.entry("mawk", OF_AWK),
          Map.entry("nawk", OF_AWK),
          Map.entry("goawk", OF_AWK),
          Map.entry("ed", Pattern.compile("(?m)^[^\\n]*?(?:[wWef]|wq)\\s+(?:>>\\s*)?([^\\s!]+)$")),
          Map.entry("ex", OF_VI),
          Map.entry("vi", OF_VI),
          Map.entry("vim", OF_VI),
          Map.entry("nvim", OF_VI),
          Map.entry("view", OF_VI),
          Map.entry("gvim", OF_VI),
          Map.entry("rvim", OF_VI));

  private CodePaths() {}

  /** {@return what the code of a program names, if it is one whose code is read for that} */
  static List<String> in(String program, List<String> arguments, List<String> documents) {
    if (program.equals("sed")) {
      return SedScript.files(arguments);
    }
    Pattern names = ALL.get(program);
    List<String> found = new ArrayList<>();
    if (names != null) {
      Stream.concat(arguments.stream(), documents.stream())
          .map(names::matcher)
          .forEach(matcher -> addAll(found, matcher));
    }
    return found;
  }

  private static void addAll(List<String> found, Matcher matcher) {
    while (matcher.find()) {
      found.add(matcher.group(1));
    }
  }
}
