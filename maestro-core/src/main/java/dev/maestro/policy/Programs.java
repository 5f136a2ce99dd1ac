package dev.maestro.policy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** All programs that a command would run, those that run others looked through. */
final class Programs {

  /** Words of the shell's language that stand before a command. */
  private static final Set<String> LANGUAGE =
      Set.of("{", "}", "!", "if", "then", "else", "elif", "fi", "while", "until", "do", "done");

  private static final Set<String> SHELLS = Set.of("sh", "bash", "dash", "zsh", "ksh", "ash");

  /** Programs that take code as an argument, and the option for it. */
  private static final Map<String, String> INLINE_CODE =
      Map.of("python", "c", "python3", "c", "perl", "e", "ruby", "e", "node", "e", "php", "r");

  /** Programs that run the rest of their arguments, and those of their options with a value. */
  private static final Map<String, String> WRAPPERS =
      Map.ofEntries(
          Map.entry("sudo", "ugpCchrRTtD"),
          Map.entry("doas", "uC"),
          Map.entry("env", "uSC"),
          Map.entry("nice", "n"),
          Map.entry("ionice", "cnpPu"),
          Map.entry("timeout", "ks"),
          Map.entry("time", "fo"),
          Map.entry("stdbuf", "ioe"),
          Map.entry("xargs", "aEIiLlnPsd"),
          Map.entry("exec", "a"),
          Map.entry("nohup", ""),
          Map.entry("setsid", ""),
          Map.entry("command", ""),
          Map.entry("builtin", ""),
          Map.entry("busybox", ""),
          Map.entry("parallel", "jIN"),
          Map.entry("chroot", ""));

  /** Wrappers that take one argument of their own before the program. */
  private static final Set<String> WITH_OPERAND = Set.of("timeout", "chroot");

  /** A program with one of these in its name is known only when it runs. */
  private static final String NOT_PLAIN = "*?[" + ShellText.UNKNOWN + ShellText.UNKNOWN_WORDS;

  private static final Set<String> EXECS = Set.of("-exec", "-execdir", "-ok", "-okdir");

  private final List<Words> all = new ArrayList<>();
  private final List<String> written = new ArrayList<>();
  private Optional<String> doubt = Optional.empty();
  private int depth;

  List<Words> all() {
    return all;
  }

  /** {@return the files that output is sent to} */
  List<String> written() {
    return written;
  }

  /** {@return why it is not known what would run, if so} */
  Optional<String> doubt() {
    return doubt;
  }

  /** Take a text for a shell. */
  void take(String shellText) {
    if (depth >= CommandRules.MOST_NESTED) {
      doubt("it is nested too deeply");
      return;
    }
    depth++;
    ShellText.Reading reading = ShellText.read(shellText);
    if (reading.unclear()) {
      doubt("it ends in the middle of something, or is nested too deeply");
    }
    reading.commands().forEach(this::take);
    depth--;
  }

  private void take(ShellText.Command command) {
    written.addAll(command.writes());
    if (command.writes().stream().anyMatch(file -> file.matches("/dev/(sd|nvme|vd|hd|disk).*"))) {
      doubt("it writes to a disk");
    }
    List<String> words = command.words();
    int from = 0;
    while (from < words.size()
        && (LANGUAGE.contains(words.get(from)) || isAssignment(words.get(from)))) {
      from++;
    }
    if (from == words.size()) {
      return;
    }
    List<String> rest = words.subList(from, words.size());
    take(rest);
    if (SHELLS.contains(Words.name(rest.get(0))) && new Words(rest).arguments().isEmpty()) {
      command.input().forEach(this::take);
      if (command.piped()) {
        doubt("a shell reads what another command prints");
      }
    }
  }

  private static boolean isAssignment(String word) {
    return word.matches("(?s)[A-Za-z_][A-Za-z0-9_]*\\+?=.*");
  }

  /** Take a program with its arguments. */
  void take(List<String> words) {
    String program = Words.name(words.get(0));
    if (program.isEmpty() || program.chars().anyMatch(c -> NOT_PLAIN.indexOf(c) >= 0)) {
      doubt("its program is known only when it runs");
      return;
    }
    Words told = new Words(words);
    all.add(told);
    if (SHELLS.contains(program) || program.equals("su")) {
      shell(words);
    } else if (program.equals("eval")) {
      joined(words, 1);
    } else if (program.equals("ssh")) {
      joined(words, afterOptions(words, 1, "BbcDEeFIiJLlmOopQRSWw") + 1);
    } else if (program.equals("watch")) {
      joined(words, afterOptions(words, 1, "n"));
    } else if (program.equals("find")) {
      found(words);
    } else if (WRAPPERS.containsKey(program)) {
      wrapped(program, words);
    } else if (told.hasOption(Set.of(INLINE_CODE.getOrDefault(program, "\0")))) {
      doubt("it has code of " + program + " in an argument");
    }
  }

  private void shell(List<String> words) {
    for (int i = 1; i < words.size(); i++) {
      String word = words.get(i);
      boolean code = word.matches("-[a-zA-Z]*c") || word.equals("--command");
      if (code && i + 1 < words.size()) {
        take(words.get(i + 1));
        return;
      }
    }
  }

  /** Programs that hand the rest of their words to a shell, with blanks between. */
  private void joined(List<String> words, int from) {
    if (from < words.size()) {
      take(String.join(" ", words.subList(from, words.size())));
    }
  }

  private void found(List<String> words) {
    for (int i = 1; i < words.size(); i++) {
      if (EXECS.contains(words.get(i)) && i + 1 < words.size()) {
        int end = i + 1;
        while (end < words.size() && !words.get(end).equals(";") && !words.get(end).equals("+")) {
          end++;
        }
        if (end > i + 1) {
          take(words.subList(i + 1, end));
        }
        i = end;
      }
    }
  }

  private void wrapped(String program, List<String> words) {
    if (program.equals("command") && words.size() > 1 && words.get(1).matches("-[pvV]*[vV].*")) {
      return;
    }
    int from = afterOptions(words, 1, WRAPPERS.getOrDefault(program, ""));
    if (WITH_OPERAND.contains(program)) {
      from++;
    }
    while (from < words.size() && isAssignment(words.get(from))) {
      from++;
    }
    if (from < words.size()) {
      deeper(words.subList(from, words.size()));
    }
    if (program.equals("env")) {
      splitString(words);
    }
  }

  private void deeper(List<String> words) {
    if (depth >= CommandRules.MOST_NESTED) {
      doubt("it is nested too deeply");
      return;
    }
    depth++;
    take(words);
    depth--;
  }

  /** {@code env -S} splits one argument into a command. */
  private void splitString(List<String> words) {
    for (int i = 1; i + 1 < words.size(); i++) {
      if (words.get(i).matches("-[a-zA-Z]*S") || words.get(i).equals("--split-string")) {
        take(words.get(i + 1));
      }
    }
  }

  /** Where the first argument is that is neither an option nor the value of one. */
  private static int afterOptions(List<String> words, int from, String withValue) {
    int i = from;
    while (i < words.size() && words.get(i).startsWith("-")) {
      String word = words.get(i);
      if (word.equals("--")) {
        return i + 1;
      }
      boolean takesNext = word.length() == 2 && withValue.indexOf(word.charAt(1)) >= 0;
      i += takesNext ? 2 : 1;
    }
    return i;
  }

  private void doubt(String why) {
    if (doubt.isEmpty()) {
      doubt = Optional.of(why);
    }
  }
}
