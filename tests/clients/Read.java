// Reads what a preset gives with the parsers of Java's libraries: as read.py, with lines of `name=value` instead of JSON, values
// in hexadecimal.

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.sql.DriverPropertyInfo;
import java.util.HexFormat;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;

public class Read {
    interface Reader {
        Map<String, String> read(Map<String, String> data) throws Exception;
    }

    static Map<String, String> login(String configuration) {
        var settings = Map.of("sasl.jaas.config", new org.apache.kafka.common.config.types.Password(configuration));
        var context = org.apache.kafka.common.security.JaasContext.loadClientContext(settings);
        var found = new TreeMap<String, String>();
        context.configurationEntries().get(0).getOptions().forEach((name, value) -> found.put(name, (String) value));
        return found;
    }

    static Map<String, String> kafka(Map<String, String> data) throws Exception {
        var file = new Properties();
        file.load(new StringReader(data.get("client.properties")));
        var found = login(file.getProperty("sasl.jaas.config"));
        found.put("bootstrap", file.getProperty("bootstrap.servers"));
        return found;
    }

    static Map<String, String> springKafka(Map<String, String> data) {
        return login(data.get("SPRING_KAFKA_PROPERTIES_SASL_JAAS_CONFIG"));
    }

    static Map<String, String> jdbc(Map<String, String> data) throws Exception {
        String url = data.get("JDBC_URL");
        if (url.startsWith("jdbc:postgresql:")) {
            Properties found = org.postgresql.Driver.parseURL(url, new Properties());
            return Map.of("host", found.getProperty("PGHOST"), "port", found.getProperty("PGPORT"),
                "database", found.getProperty("PGDBNAME"));
        }
        if (url.startsWith("jdbc:mysql:")) {
            var found = com.mysql.cj.conf.ConnectionUrl.getConnectionUrlInstance(url, new Properties()).getMainHost();
            return Map.of("host", found.getHost(), "port", "" + found.getPort(), "database", found.getDatabase());
        }
        if (url.startsWith("jdbc:mariadb:")) {
            var found = org.mariadb.jdbc.Configuration.parse(url);
            var address = found.addresses().get(0);
            return Map.of("host", address.host, "port", "" + address.port, "database", found.database());
        }
        var found = new TreeMap<String, String>();
        var names = Map.of("serverName", "host", "portNumber", "port", "databaseName", "database");
        var driver = new com.microsoft.sqlserver.jdbc.SQLServerDriver();
        for (DriverPropertyInfo property : driver.getPropertyInfo(url, new Properties())) {
            if (names.containsKey(property.name) && property.value != null) {
                found.put(names.get(property.name), property.value);
            }
        }
        return found;
    }

    static String version(Class<?> type) {
        String path = type.getProtectionDomain().getCodeSource().getLocation().getPath();
        return path.substring(path.lastIndexOf('/') + 1).replace(".jar", "");
    }

    static Map<String, String> decoded(String line) {
        var out = new TreeMap<String, String>();
        for (String pair : line.split(" ")) {
            String[] parts = pair.split("=", 2);
            out.put(parts[0], new String(HexFormat.of().parseHex(parts[1]), StandardCharsets.UTF_8));
        }
        return out;
    }

    static String encoded(Map<String, String> found) {
        var out = new StringBuilder();
        found.forEach((name, value) -> out.append(name).append('=')
            .append(HexFormat.of().formatHex(value.getBytes(StandardCharsets.UTF_8))).append(' '));
        return out.toString().trim();
    }

    public static void main(String[] arguments) throws Exception {
        Map<String, Reader> readers = Map.of("kafka", Read::kafka, "springKafka", Read::springKafka, "jdbc", Read::jdbc);
        var out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        Class<?> client = arguments[0].equals("jdbc") ? org.postgresql.Driver.class
            : org.apache.kafka.common.security.JaasContext.class;
        out.println(encoded(Map.of("version", version(client) + ", Java " + Runtime.version().feature())));
        var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            try {
                out.println(encoded(readers.get(arguments[0]).read(decoded(line))));
            } catch (Exception error) {
                out.println(encoded(Map.of("error", error.toString())));
            }
        }
    }
}
