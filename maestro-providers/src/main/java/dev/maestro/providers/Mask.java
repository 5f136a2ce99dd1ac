package dev.maestro.providers;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import dev.maestro.policy.CutSecrets;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Takes out of a text what must not be repeated.
 *
 * @param values the longest first
 */
record Mask(List<String> values) {

  private static final int SHORTEST = 6;

  /** {@code https://user:password@host}. */
  private static final Pattern ADDRESS = Pattern.compile("://[^/@\\s:]*:([^/@\\s]+)@");

  private static final List<String> SECRET_WORDS =
      List.of("KEY", "TOKEN", "SECRET", "PASSWORD", "PASSWD", "CREDENTIAL", "AUTH", "PROXY");

  /** {@code GIT_AUTHOR_NAME}, {@code MY_AUTH_TYPE}: what is no secret, and may stand anywhere. */
  private static final Pattern OPEN_NAME =
      Pattern.compile("NO_PROXY|(.*_)?AUTHOR(_.*)?|.*_(TYPE|METHOD|MODE)");

  private static final Pattern COUNT = Pattern.compile("\\d{1,12}");
  private static final Pattern NUMBER = Pattern.compile("[-+.0-9eE]+");

  static Mask of(Stream<String> values) {
    return new Mask(
        values
            .filter(value -> value.length() >= SHORTEST)
            .flatMap(value -> Stream.of(value, asInJson(value)))
            .distinct()
            .sorted(Comparator.comparingInt(String::length).reversed())
            .toList());
  }

  /** {@return what becomes of it where it is quoted in JSON} */
  private static String asInJson(String value) {
    return new String(JsonStringEncoder.getInstance().quoteAsString(value));
  }

  /** {@return a mask for what these variables hold, as far as their names say that it is secret} */
  static Mask ofSecretsIn(Map<String, String> variables) {
    return of(variables.entrySet().stream().flatMap(Mask::secretsIn));
  }

  /** {@return a mask for what the host's variables of these names hold that is secret} */
  static Mask ofHost(Set<String> names) {
    return of(
        System.getenv().entrySet().stream()
            .filter(each -> names.stream().anyMatch(name -> isMeant(each.getKey(), name)))
            .flatMap(Mask::secretsIn));
  }

  /** {@return what is secret of a variable: all by its name, or the password in an address} */
  private static Stream<String> secretsIn(Map.Entry<String, String> variable) {
    Matcher address = ADDRESS.matcher(variable.getValue());
    Stream<String> password = address.find() ? Stream.of(address.group(1)) : Stream.empty();
    return isSecret(variable.getKey().toUpperCase(Locale.ROOT), variable.getValue())
        ? Stream.concat(Stream.of(variable.getValue()), password)
        : password;
  }

  private static boolean isMeant(String name, String pattern) {
    return pattern.endsWith("*")
        ? name.startsWith(pattern.substring(0, pattern.length() - 1))
        : name.equals(pattern);
  }

  private static boolean isSecret(String name, String value) {
    boolean open = OPEN_NAME.matcher(name).matches();
    boolean count = name.endsWith("TOKENS") && COUNT.matcher(value).matches();
    return !open && !count && SECRET_WORDS.stream().anyMatch(name::contains);
  }

  /**
   * {@return the same without what may be a number, for lines that are read as JSON: one without
   * its numbers is none}
   */
  Mask forJson() {
    return new Mask(values.stream().filter(value -> !NUMBER.matcher(value).matches()).toList());
  }

  Mask and(Collection<String> more) {
    return of(Stream.concat(values.stream(), more.stream()));
  }

  Mask and(Mask other) {
    return and(other.values);
  }

  /** {@return how many characters at the end of the text may be the beginning of such a thing} */
  int begun(String text) {
    return CutSecrets.begun(values, text);
  }

  /** {@return the text without what must not be repeated} */
  String apply(String text) {
    return values.stream()
        .reduce(CutSecrets.without(values, text), (rest, value) -> rest.replace(value, "***"));
  }
}
