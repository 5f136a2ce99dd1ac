package dev.maestro.policy;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What a field of a tool's input would run.
 *
 * <p>A text is for a shell; with arguments beside it, it is a program. An array is a program with
 * its arguments where it can be nothing else. Where it may be a list of commands, or words that are
 * joined for a shell, it is read in that way, too: who judges it takes the worse. What can be read
 * in none of these ways stands as a program that is known only when it runs.
 */
final class CommandField {

  private static final Pattern FOR_A_SHELL = Pattern.compile("(?s).*[ \t\n;&|<>$`()].*");
  private static final Set<String> OPERATORS = Set.of("&&", "||", "|", ";", "&", ">", ">>");

  /** Programs one of whose arguments is a pattern, a program of their own, or prose. */
  private static final Set<String> TAKE_PROSE =
      Set.of(
          "grep",
          "egrep",
          "fgrep",
          "rg",
          "ag",
          "ack",
          "echo",
          "printf",
          "git",
          "gh",
          "glab",
          "sed",
          "awk",
          "gawk",
          "mawk",
          "jq",
          "yq",
          "find",
          "fd",
          "test",
          "[",
          "psql",
          "mysql",
          "sqlite3",
          "curl",
          "logger",
          "apply_patch");

  /**
   * Words that stand beside a command.
   *
   * @param words each of them
   * @param asText whether they stand there as one text
   */
  record Arguments(List<String> words, boolean asText) {

    static final Arguments NONE = new Arguments(List.of(), false);
  }

  private final boolean certain;
  private final List<Reach.Command> found = new ArrayList<>();

  private CommandField(boolean certain) {
    this.certain = certain;
  }

  /** {@return whether arguments of a program are texts that are none for a shell} */
  static boolean takesProse(String program) {
    return TAKE_PROSE.contains(program);
  }

  /** {@return whether a text is more than a single word} */
  static boolean isForAShell(String text) {
    return FOR_A_SHELL.matcher(text).matches();
  }

  /** {@return what a text would run, with arguments beside it or without} */
  static List<Reach.Command> ofText(String text, Arguments arguments, boolean certain) {
    CommandField field = new CommandField(certain);
    field.text(text, arguments);
    return field.found;
  }

  /**
   * {@return what an array would run}
   *
   * @param several whether it is said to be a list of commands
   */
  static List<Reach.Command> ofArray(
      JsonNode array, Arguments arguments, boolean several, boolean certain) {
    CommandField field = new CommandField(certain);
    field.array(array, arguments, several);
    return field.found;
  }

  /** {@return what nobody here can read} */
  static Reach.Command unreadable(JsonNode value) {
    return new Reach.Command(
        value.toString(), List.of(String.valueOf(ShellText.UNKNOWN_WORDS)), true);
  }

  /** {@return the texts and numbers of a value and of what is in it} */
  static List<String> words(JsonNode value) {
    List<String> words = new ArrayList<>();
    if (value.isValueNode() && !value.isNull()) {
      words.add(value.asText());
    }
    value.forEach(element -> words.addAll(words(element)));
    return words;
  }

  /** Who reads it may not know the arguments, so what could be for a shell is looked at as that. */
  private void text(String text, Arguments arguments) {
    if (arguments.words().isEmpty() || isForAShell(text)) {
      shell(text);
    }
    if (!arguments.words().isEmpty()) {
      program(text, arguments.words());
    }
    if (arguments.asText() && arguments.words().stream().anyMatch(CommandField::isForAShell)) {
      shell(text + " " + String.join(" ", arguments.words()));
    }
  }

  private void program(String program, List<String> arguments) {
    List<String> words = new ArrayList<>(List.of(program));
    words.addAll(arguments);
    program(words);
  }

  private void program(List<String> words) {
    found.add(new Reach.Command(String.join(" ", words), words, certain));
  }

  private void shell(String text) {
    found.add(new Reach.Command(text, List.of(), certain));
  }

  /** Arrays in an array are commands each; objects in it are read as they are elsewhere. */
  private void array(JsonNode array, Arguments arguments, boolean several) {
    List<String> words = new ArrayList<>();
    boolean mixed = false;
    for (JsonNode element : array) {
      if (element.isArray()) {
        mixed = true;
        this.array(element, arguments, false);
      } else if (element.isObject()) {
        mixed = true;
      } else {
        words.addAll(words(element));
      }
    }
    if (words.isEmpty()) {
      return;
    }
    if (mixed) {
      found.add(unreadable(array));
    }
    program(words.get(0), both(words.subList(1, words.size()), arguments.words()));
    otherwise(words, several);
  }

  private static List<String> both(List<String> one, List<String> other) {
    List<String> all = new ArrayList<>(one);
    all.addAll(other);
    return all;
  }

  /** What it is if it is no program with its arguments. */
  private void otherwise(List<String> words, boolean several) {
    if (words.stream().anyMatch(word -> word.contains(Reach.PATCH))) {
      return;
    }
    String program = Words.name(words.get(0));
    boolean hasOptions = words.stream().anyMatch(word -> word.startsWith("-"));
    if (isForAShell(words.get(0))) {
      words.stream().filter(word -> !word.startsWith("-")).forEach(this::shell);
      joined(words);
    } else if (several) {
      words.stream()
          .filter(word -> !hasOptions || !word.startsWith("-") && isForAShell(word))
          .forEach(this::shell);
      joined(words);
    } else if (words.stream().anyMatch(word -> isOperator(word, program))) {
      joined(words);
    } else if (!hasOptions && !TAKE_PROSE.contains(program)) {
      words.stream().filter(CommandField::isForAShell).forEach(this::shell);
    }
  }

  /** {@code find} ends with one what it runs. */
  private static boolean isOperator(String word, String program) {
    return OPERATORS.contains(word) && !(word.equals(";") && program.equals("find"));
  }

  private void joined(List<String> words) {
    if (words.size() > 1 && words.stream().anyMatch(OPERATORS::contains)
        || isForAShell(words.get(0))) {
      shell(String.join(" ", words));
    }
  }
}
