import type { RetryQueue } from '../../domain/ports.ts';
import { awsService } from './client.ts';
import { required } from './environment.ts';

const sqs = awsService({ service: 'sqs', target: 'AmazonSQS', version: '1.0' });

export const sqsRetryQueue: RetryQueue = {
  async delay({ receiptHandle }, seconds) {
    await sqs('ChangeMessageVisibility', {
      QueueUrl: required('QUEUE_URL'),
      ReceiptHandle: receiptHandle,
      VisibilityTimeout: seconds,
    });
  },

  async bury({ body, attributes }, cause) {
    await sqs('SendMessage', {
      QueueUrl: required('DEAD_LETTER_QUEUE_URL'),
      MessageBody: body,
      MessageAttributes: Object.fromEntries(
        Object.entries({ ...attributes, ...cause }).map(([name, StringValue]) => [
          name,
          { DataType: 'String', StringValue },
        ]),
      ),
    });
  },
};
