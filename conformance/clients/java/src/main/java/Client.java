import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** AWS SDK for Java v2: put, list, copy, move and get 1,000 files; refused with a wrong secret. */
public class Client {
    static final String BUCKET = System.getenv("BUCKET");

    static S3Client client(String secret) {
        var credentials = AwsBasicCredentials.create(System.getenv("AWS_ACCESS_KEY_ID"), secret);
        return S3Client.builder()
            .endpointOverride(URI.create(System.getenv("AWS_ENDPOINT_URL")))
            .region(Region.US_EAST_1)
            .credentialsProvider(StaticCredentialsProvider.create(credentials))
            .forcePathStyle(true)
            .build();
    }

    static long count(S3Client s3, String prefix) {
        return s3.listObjectsV2Paginator(r -> r.bucket(BUCKET).prefix(prefix)).contents().stream().count();
    }

    static void copy(S3Client s3, String from, String to) {
        s3.copyObject(r -> r.sourceBucket(BUCKET).sourceKey(from).destinationBucket(BUCKET).destinationKey(to));
    }

    static void demand(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError(what);
        }
    }

    public static void main(String[] arguments) throws Exception {
        Path root = Path.of(System.getenv("FILES"));
        List<Path> files;
        try (var walked = Files.walk(root)) {
            files = walked.filter(Files::isRegularFile).toList();
        }
        try (S3Client s3 = client(System.getenv("AWS_SECRET_ACCESS_KEY"))) {
            for (Path file : files) {
                String name = root.relativize(file).toString();
                s3.putObject(r -> r.bucket(BUCKET).key("files/" + name), RequestBody.fromFile(file));
                copy(s3, "files/" + name, "copied/" + name);
                copy(s3, "copied/" + name, "moved/" + name);
                s3.deleteObject(r -> r.bucket(BUCKET).key("copied/" + name));
                byte[] back = s3.getObjectAsBytes(r -> r.bucket(BUCKET).key("moved/" + name)).asByteArray();
                demand(Arrays.equals(back, Files.readAllBytes(file)), "other bytes came back of " + name);
            }
            demand(count(s3, "files/") == files.size(), "not all are listed");
            demand(count(s3, "moved/") == files.size(), "not all were moved");
            demand(count(s3, "copied/") == 0, "what was moved is still there");
        }
        try (S3Client wrong = client(System.getenv("WRONG_SECRET"))) {
            wrong.listObjectsV2(r -> r.bucket(BUCKET));
            demand(false, "a wrong secret was let in");
        } catch (S3Exception refused) {
            demand("SignatureDoesNotMatch".equals(refused.awsErrorDetails().errorCode()), refused.toString());
        }
    }
}
