package dev.maestro.policy;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Programs that are no interpreters and do what their input says: editors, {@code m4}, {@code awk}
 * and {@code sed} with a program from there.
 *
 * <p>A document is looked at for what would run something; any other input is not known.
 */
final class ToldByInput {

  private static final String READS = "%s does what it reads";

  private static final String CODE = "it has code of %s in a document";

  private static final Pattern IN_ED = Pattern.compile("!");

  static final Pattern IN_M4 = Pattern.compile("\\be?syscmd\\b");

  private static final Set<String> AWKS = Set.of("awk", "gawk", "mawk", "nawk", "goawk");

  private static final Set<String> EDITORS = Set.of("vi", "vim", "nvim", "view", "rvim", "gvim");

  /** What its program is read from, of {@code awk} and {@code sed}. */
  private static final Pattern PROGRAM =
      Pattern.compile("(?s)(-[a-zA-Z]*[fE]|--(?:fi|exe)[a-z]*=?)(.*)");

  private static final Pattern OF_DJANGO =
      Pattern.compile("(.*manage\\.py )?(shell|shell_plus|dbshell)( .*)?");

  /** One that is given something to do, by a pipe or otherwise. */
  private static final Pattern FED =
      Pattern.compile(
          "\\|\\s*(\\w+=\\S*\\s+)*(\\S*python\\S*\\s+)?\\S*(manage\\.py|django-admin)\\s+\\w*shell");

  /** Consoles of a framework, by the words that lead there. */
  private static final Map<String, Pattern> CONSOLES =
      Map.of(
          "rails",
          Pattern.compile("c|console|db|dbconsole"),
          "php",
          Pattern.compile("(.*/)?(artisan tinker|console psysh)( .*)?"),
          "flask",
          Pattern.compile("(.* )?shell"),
          "django-admin",
          OF_DJANGO,
          "manage.py",
          OF_DJANGO,
          "python",
          OF_DJANGO);

  private ToldByInput() {}

  /**
   * {@return why it is not known what a program does, if so}
   *
   * @param arguments without the program
   * @param reading with the documents that it reads, if that is known
   */
  static Optional<String> doubt(
      String program, List<String> arguments, ShellText.@Nullable Command reading) {
    if (arguments.stream().anyMatch(word -> word.matches("--(help|version)"))) {
      return Optional.empty();
    } else if (isConsole(program, arguments)) {
      return isOpened(program, arguments, reading)
          ? Optional.empty()
          : Optional.of(READS.formatted(program));
    } else if (!reads(program, arguments)) {
      return Optional.empty();
    }
    List<String> documents = reading == null ? List.of() : reading.input();
    if (documents.isEmpty() || reading != null && !reading.reads().isEmpty()) {
      // an editor that is told what to do ends by itself
      return isEditor(program) && hasCommand(arguments)
          ? Optional.empty()
          : Optional.of(READS.formatted(program));
    }
    return documents.stream().anyMatch(document -> runs(program, document))
        ? Optional.of(CODE.formatted(program))
        : Optional.empty();
  }

  /** {@return whether a text for a shell has a console behind a pipe that is opened otherwise} */
  static boolean isFed(String shellText) {
    return FED.matcher(shellText).find();
  }

  /** One of Django is opened all day, and told nothing. */
  private static boolean isOpened(
      String program, List<String> arguments, ShellText.@Nullable Command reading) {
    return CONSOLES.get(language(program)) == OF_DJANGO
        && arguments.stream().noneMatch(word -> word.matches("(?s)-c.*|--co.*"))
        && (reading == null || reading.input().isEmpty() && reading.reads().isEmpty());
  }

  private static String language(String program) {
    return program.replaceFirst("[0-9.]+$", "");
  }

  private static boolean isConsole(String program, List<String> arguments) {
    Pattern leading = CONSOLES.get(language(program));
    String words =
        String.join(" ", arguments.stream().filter(word -> !word.startsWith("-")).toList());
    return leading != null && leading.matcher(words).matches();
  }

  private static boolean reads(String program, List<String> arguments) {
    if (program.equals("ed")) {
      return true;
    } else if (program.equals("m4")) {
      return arguments.contains("-") || arguments.stream().allMatch(word -> word.startsWith("-"));
    } else if (AWKS.contains(program) || program.equals("sed")) {
      return readsItsProgram(arguments);
    }
    return isEditor(program)
        && (program.equals("ex")
            || arguments.stream().anyMatch(word -> word.matches("-[a-z]*[eE]s?")));
  }

  private static boolean isEditor(String program) {
    return program.equals("ex") || EDITORS.contains(program);
  }

  private static boolean hasCommand(List<String> arguments) {
    return arguments.stream().anyMatch(word -> word.matches("(?s)\\+.+|-[a-zA-Z]*[cS]|--cmd"));
  }

  private static boolean readsItsProgram(List<String> arguments) {
    for (int i = 0; i < arguments.size(); i++) {
      var option = PROGRAM.matcher(arguments.get(i));
      if (option.matches()) {
        boolean next = option.group(2).isEmpty() && i + 1 < arguments.size();
        if (Programs.isInput(next ? arguments.get(i + 1) : option.group(2))) {
          return true;
        }
      }
    }
    return false;
  }

  private static boolean runs(String program, String document) {
    if (program.equals("ed")) {
      return IN_ED.matcher(document).find();
    } else if (program.equals("m4")) {
      return IN_M4.matcher(document).find();
    } else if (program.equals("sed")) {
      return SedScript.runs(List.of("-e", document));
    } else if (AWKS.contains(program)) {
      return document.matches(Interpreter.IN_AWK);
    }
    return document.lines().anyMatch(line -> line.matches(Interpreter.IN_VIM));
  }
}
